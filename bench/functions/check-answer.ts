/** @throws {Error} unless it is an app or, from the authorizer, leave to go on: a quick failure must not win. */
export function checkAnswer(name: string, answer: unknown): void {
  const { statusCode, isAuthorized, Item } = answer as Record<string, unknown>
  if (statusCode === 200 || isAuthorized === true || Item) return
  throw new Error(`${name} did not answer with the app: ${JSON.stringify(answer)}`)
}
