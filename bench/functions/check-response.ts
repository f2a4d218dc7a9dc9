/** @throws {Error} if a response is neither an app nor an authorization: a fast failure must not count as fast. */
export function checkResponse(name: string, response: unknown): void {
  const { statusCode, isAuthorized, Item } = response as Record<string, unknown>
  if (statusCode === 200 || isAuthorized === true || Item) return
  throw new Error(`${name} did not respond with the app: ${JSON.stringify(response)}`)
}
