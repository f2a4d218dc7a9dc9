import type { Item } from '../apps/item.ts'
import { LookupError } from '../lookup-error.ts'
import { decodeEntry, type Entry } from './change-entry.ts'
import { type Cursor, formatCursor } from './cursor.ts'
import type { Hint } from './hint.ts'

/** The response to a poll: the hints after its cursor, and the next cursor. */
export type Page = {
  readonly changes: readonly Hint[]
  readonly cursor: string
  /** Whether there are more hints. */
  readonly more: boolean
  /** When the newest heartbeat was recorded, as epoch time in ms. All changes before it are in this page or an earlier one. */
  readonly heartbeatAt: number
}

/** The most hints in one page. */
export const MAX_HINTS = 1000

/**
 * The page to start from: no changes, and the cursor of the log's end.
 *
 * @throws {LookupError} `feed-unavailable` if the log has no heartbeat, which would prove that changes arrive
 */
export function startPage(lastItem: Item | undefined): Page {
  const last = lastItem && decodeEntry(lastItem)
  if (last === undefined) throw feedUnavailable()
  return { changes: [], cursor: formatCursor(last), more: false, heartbeatAt: heartbeatOf(last) }
}

/**
 * The page after a cursor, of whole entries.
 *
 * @param items the entries from the cursor's entry on, in order; `isEnd` if there are no more
 * @throws {LookupError} `cursor-expired` if an entry since the cursor's is missing, damaged, or of another epoch
 */
export function pageAfter(
  cursor: Cursor,
  { items, isEnd }: { readonly items: readonly Item[]; readonly isEnd: boolean },
): Page {
  const changes: Hint[] = []
  let last: Entry | undefined
  let isCut = false
  for (const item of items) {
    const entry = decodeEntry(item)
    const follows = last ? last.seq + 1 === entry?.seq : isFirst(entry, cursor)
    if (entry === undefined || entry.epoch !== cursor.epoch || !follows) throw cursorExpired()
    const isKnown = entry.seq === cursor.seq
    if (!isKnown && changes.length > 0 && changes.length + entry.hints.length > MAX_HINTS) {
      isCut = true
      break
    }
    if (!isKnown) changes.push(...entry.hints)
    last = entry
  }
  if (last === undefined) throw cursorExpired()
  return { changes, cursor: formatCursor(last), more: isCut || !isEnd, heartbeatAt: heartbeatOf(last) }
}

/** Whether an entry may come first. The cursor's own entry may have expired, but not the one after it. */
function isFirst(entry: Entry | undefined, { seq }: Cursor): boolean {
  return entry?.seq === seq || entry?.seq === seq + 1
}

function heartbeatOf({ heartbeatAt }: Entry): number {
  if (heartbeatAt === undefined) throw feedUnavailable()
  return 1000 * heartbeatAt
}

/** The error for a stack without a feed, or with a feed that has no heartbeat yet. */
export function feedUnavailable(): LookupError {
  return new LookupError(
    'feed-unavailable',
    'This stack has no change feed, or its feed has no heartbeat yet.',
  )
}

function cursorExpired(): LookupError {
  return new LookupError(
    'cursor-expired',
    'Changes since this cursor may be lost. Discard what you have cached, and start again without since.',
  )
}
