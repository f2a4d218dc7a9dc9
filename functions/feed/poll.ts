import { createCache, type Reading } from '../apps/read-through-cache.ts'
import { LookupError } from '../lookup-error.ts'
import { seqAfter } from './change-entry.ts'
import type { ChangeLogReader } from './change-log.ts'
import { type Cursor, parseCursor } from './cursor.ts'
import { entriesToFill, FIRST_ENTRIES, feedUnavailable, type Page, pageAfter, startPage } from './page.ts'

/** A page, and when the log was read for it. `readMs` is absent if the page was read for an earlier poll. */
export type Polled = Pick<Reading<Page>, 'readAt'> & { readonly page: Page; readonly readMs?: number }

/** Returns the page after a cursor, or the page to start from. `deadline` is an epoch time in ms. */
export type Poll = (since: string | undefined, deadline: number) => Promise<Polled>

/** Polls with the same cursor share one read per second. */
const TTL_MS = 1000
/** A page is at most about 1 MB. */
const MAX_PAGES = 10

/**
 * Responds to polls from the change log; `undefined` is a stack without one.
 *
 * The poll throws {@link LookupError}: `invalid-request`, `cursor-expired`, `feed-unavailable` or a `store-…` code.
 */
export function createFeed(log: ChangeLogReader | undefined): Poll {
  const cached = createCache<Page | LookupError>({
    ttlMs: TTL_MS,
    negativeTtlMs: 0,
    maxEntries: MAX_PAGES,
    maxBytes: Number.POSITIVE_INFINITY,
    bytesOf: () => 0,
  })
  return async (since, deadline) => {
    const cursor = since === undefined ? undefined : parseCursor(since)
    if (log === undefined) throw feedUnavailable()
    const read = async () => {
      const page = cursor ? readPage(log, cursor, deadline) : log.readLast(deadline).then(startPage)
      return page.catch(orReason)
    }
    const { value, ...reading } = await cached(since ?? '', read)
    if (value instanceof LookupError || value === undefined) throw value ?? feedUnavailable()
    return { page: value, ...reading }
  }
}

/**
 * Reads the page after a cursor: some entries, and if they are few hints, as many as fill the page. DynamoDB bills what it
 * reads, and an entry can have 1 to 100 hints.
 */
async function readPage(log: ChangeLogReader, cursor: Cursor, deadline: number): Promise<Page> {
  const first = await log.readFrom(cursor.seq, FIRST_ENTRIES, deadline)
  const page = pageAfter(cursor, first)
  const missing = first.isEnd ? 0 : entriesToFill(cursor, first.items)
  if (missing === 0) return page
  const { items, isEnd } = await log.readFrom(seqAfter(first.items.at(-1)), missing, deadline)
  return pageAfter(cursor, { items: [...first.items, ...items], isEnd })
}

/** The reason why there is no page, which is cached too. Failures of DynamoDB are not. */
function orReason(error: unknown): LookupError {
  if (error instanceof LookupError && !error.code.startsWith('store-')) return error
  throw error
}
