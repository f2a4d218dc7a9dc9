import { TOKEN } from '../../harness/local-endpoint.ts'

/** The response to a poll. */
export type Page = {
  readonly changes: readonly { readonly id: string }[]
  readonly cursor: string
  readonly more: boolean
}

/** Polls the change feed. @throws {Error} if the response is not 200 */
export async function poll(url: string, since?: string): Promise<Page> {
  const query = since === undefined ? '' : `?since=${since}`
  const response = await fetch(`${url}/changes${query}`, { headers: { authorization: `Bearer ${TOKEN}` } })
  if (!response.ok) throw new Error(`A poll was answered ${response.status}: ${await response.text()}`)
  return (await response.json()) as Page
}

/** The number of the entry of the change log that a cursor is after. */
export const entryOf = (cursor: string): number => Number(cursor.split('.')[1])

/** The cursor that is this number of entries before this one. */
export const cursorBefore = (cursor: string, entries: number): string =>
  `${cursor.split('.')[0]}.${entryOf(cursor) - entries}`
