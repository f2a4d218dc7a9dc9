/** @throws {Error} if a response is neither an app nor an authorization: a fast failure must not count as fast. */
export function checkAnswer(name: string, answer: unknown): void {
  const { statusCode, isAuthorized, Item } = answer as Record<string, unknown>
  if (statusCode === 200 || isAuthorized === true || Item) return
  throw new Error(`${name} did not answer with the app: ${JSON.stringify(answer)}`)
}
