/** The limits of an {@link Lru}: the number of entries, and their total size in bytes. */
export type Bounds = { readonly maxEntries: number; readonly maxBytes: number }

/** A map with limits. When it exceeds them, it evicts the least recently used entries. */
export type Lru<V> = {
  /** The value of a key, which is then the most recently used. */
  get(key: string): V | undefined
  /** The value of a key, without making it the most recently used. */
  peek(key: string): V | undefined
  set(key: string, value: V): void
  delete(key: string): void
}

/**
 * Creates an empty {@link Lru}.
 *
 * @param bytesOf the approximate size of a value; the length of the key is added
 */
export function createLru<V>({ maxEntries, maxBytes }: Bounds, bytesOf: (value: V) => number): Lru<V> {
  // A Map iterates in the order of insertion, so the least recently used entry is the first.
  const entries = new Map<string, { readonly value: V; readonly bytes: number }>()
  let bytes = 0

  const remove = (key: string) => {
    bytes -= entries.get(key)?.bytes ?? 0
    entries.delete(key)
  }

  return {
    get(key) {
      const entry = entries.get(key)
      if (entry === undefined) return undefined
      entries.delete(key)
      entries.set(key, entry)
      return entry.value
    },
    peek: (key) => entries.get(key)?.value,
    set(key, value) {
      remove(key)
      const entry = { value, bytes: key.length + bytesOf(value) }
      entries.set(key, entry)
      bytes += entry.bytes
      for (const oldest of entries.keys()) {
        if (entries.size <= maxEntries && bytes <= maxBytes) break
        remove(oldest)
      }
    },
    delete: remove,
  }
}
