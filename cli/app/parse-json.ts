/** The value of a JSON text, or `fallback`. */
export function parseOr<T>(text: string, fallback: T): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return fallback
  }
}
