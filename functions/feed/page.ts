import type { Item } from '../apps/item.ts'
import { LookupError } from '../lookup-error.ts'
import { decodeEntry, type Entry, MAX_ENTRY } from './change-entry.ts'
import type { Entries } from './change-log.ts'
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

/** The limits of a page: its hints, their size as JSON, and the entries that are read for it. */
const MAX_PAGE = { hints: 1000, bytes: 1_000_000, entries: 1000 } as const

/** The entry of a cursor, and as many entries as a page has if they are full of small hints. */
export const FIRST_ENTRIES = 1 + MAX_PAGE.hints / MAX_ENTRY.hints

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
export function pageAfter(cursor: Cursor, { items, isEnd }: Entries): Page {
  const changes: Hint[] = []
  let bytes = 0
  let last: Entry | undefined
  let isCut = false
  for (const item of items) {
    const entry = decodeEntry(item)
    const follows = last ? last.seq + 1 === entry?.seq : isFirst(entry, cursor)
    if (entry === undefined || entry.epoch !== cursor.epoch || !follows) throw cursorExpired()
    if (entry.seq !== cursor.seq) {
      bytes += sizeOf(item)
      isCut =
        changes.length > 0 && (changes.length + entry.hints.length > MAX_PAGE.hints || bytes > MAX_PAGE.bytes)
      if (isCut) break
      changes.push(...entry.hints)
    }
    last = entry
  }
  if (last === undefined) throw cursorExpired()
  return { changes, cursor: formatCursor(last), more: isCut || !isEnd, heartbeatAt: heartbeatOf(last) }
}

/**
 * How many more entries fill the page after a cursor, if they are like these; 0 if these fill half of it. A read of more
 * would be read again for the next page.
 *
 * @param items at least one more than the cursor's own entry, which is not in the page
 */
export function entriesToFill({ seq }: Cursor, items: readonly Item[]): number {
  const entries = items.filter((item) => Number(item.seq?.N) !== seq)
  const hints = entries.reduce((sum, item) => sum + (decodeEntry(item)?.hints.length ?? 0), 0)
  const bytes = entries.reduce((sum, item) => sum + sizeOf(item), 0)
  const share = Math.max(hints / MAX_PAGE.hints, bytes / MAX_PAGE.bytes, entries.length / MAX_PAGE.entries)
  return share < 0.5 ? Math.ceil((entries.length * (1 - share)) / share) : 0
}

/** The size of an entry's hints as JSON, in bytes. */
function sizeOf(item: Item): number {
  return Buffer.byteLength(item.hints?.S ?? '')
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
