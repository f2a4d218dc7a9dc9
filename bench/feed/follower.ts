import { TOKEN } from '../../harness/local-endpoint.ts'

/** The response to a poll. */
export type Page = {
  readonly changes: readonly { readonly id: string }[]
  readonly cursor: string
  readonly more: boolean
}

/** A consumer of the change feed that stores when it got which id. */
export type Follower = {
  /** When each id was received first, in ms of `performance.now()`. */
  readonly toldAt: ReadonlyMap<string, number>
  /** How many entries of the change log it has read, with those of heartbeats. */
  entries(): number
  /** Polls once, and again while `more` is true. */
  poll(): Promise<void>
}

/** Starts at the end of the feed. */
export async function startFollower(url: string): Promise<Follower> {
  const start = await poll(url)
  let { cursor } = start
  const toldAt = new Map<string, number>()
  return {
    toldAt,
    entries: () => entriesBetween(start.cursor, cursor),
    async poll() {
      for (let more = true; more; ) {
        const page = await poll(url, cursor)
        for (const { id } of page.changes) if (!toldAt.has(id)) toldAt.set(id, performance.now())
        cursor = page.cursor
        more = page.more
      }
    },
  }
}

/** Polls the change feed. @throws {Error} if the response is not 200 */
export async function poll(url: string, since?: string): Promise<Page> {
  const query = since === undefined ? '' : `?since=${since}`
  const response = await fetch(`${url}/changes${query}`, { headers: { authorization: `Bearer ${TOKEN}` } })
  if (!response.ok) throw new Error(`A poll was answered ${response.status}: ${await response.text()}`)
  return (await response.json()) as Page
}

/** The number of the entry that a cursor is after. */
const entryOf = (cursor: string) => Number(cursor.split('.')[1])

/** How many entries of the log are between two cursors. */
export const entriesBetween = (from: string, to: string): number => entryOf(to) - entryOf(from)

/** The cursor that is this number of entries before this one. */
export const cursorBefore = (cursor: string, entries: number): string =>
  `${cursor.split('.')[0]}.${entryOf(cursor) - entries}`
