import { createCache, type Reading } from '../apps/read-through-cache.ts'
import { LookupError } from '../lookup-error.ts'
import type { ChangeLogReader } from './change-log.ts'
import { parseCursor } from './cursor.ts'
import { feedUnavailable, type Page, pageAfter, startPage } from './page.ts'

/** A page, and when the log was read for it. `readMs` is absent if the page was read for an earlier poll. */
export type Polled = Pick<Reading<Page>, 'readAt'> & { readonly page: Page; readonly readMs?: number }

/** Returns the page after a cursor, or the page to start from. `deadline` is an epoch time in ms. */
export type Poll = (since: string | undefined, deadline: number) => Promise<Polled>

/** Polls with the same cursor share one read per second. */
const TTL_MS = 1000
/** A page is at most about 1 MB. */
const MAX_PAGES = 10

/**
 * Answers polls from the change log; `undefined` is a stack without one.
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
      if (cursor === undefined) return orReason(startPage, await log.readLast(deadline))
      return orReason(pageAfter, cursor, await log.readFrom(cursor.seq, deadline))
    }
    const { value, ...reading } = await cached(since ?? '', read)
    if (value instanceof LookupError || value === undefined) throw value ?? feedUnavailable()
    return { page: value, ...reading }
  }
}

/** The page, or the error, which is cached too. */
function orReason<A extends unknown[]>(makePage: (...args: A) => Page, ...args: A): Page | LookupError {
  try {
    return makePage(...args)
  } catch (error) {
    if (error instanceof LookupError) return error
    throw error
  }
}
