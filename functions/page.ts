import { decodeEntry, type Entry } from './change-entry.ts'
import { type Cursor, formatCursor } from './cursor.ts'
import type { Hint } from './hint.ts'
import type { Item } from './item.ts'
import { LookupError } from './lookup-error.ts'

/** What a poll is told: the hints after its cursor, and the cursor to go on with. */
export type Page = {
  readonly changes: readonly Hint[]
  readonly cursor: string
  /** Whether there are more already. */
  readonly more: boolean
  /** When the newest heartbeat was recorded that these changes are as new as, epoch time in ms. */
  readonly heartbeatAt: number
}

/** The most hints in one page. */
export const MAX_HINTS = 1000

/**
 * Where to start: no changes, and the cursor of the log's end.
 *
 * @throws {LookupError} `feed-unavailable` when no heartbeat is in the log, so that nothing proves that changes arrive
 */
export function startPage(lastItem: Item | undefined): Page {
  const last = lastItem && decodeEntry(lastItem)
  if (last === undefined) throw feedUnavailable()
  return { changes: [], cursor: formatCursor(last), more: false, heartbeatAt: heartbeatOf(last) }
}

/**
 * What follows a cursor, in whole entries.
 *
 * @param items the entries from the cursor's own on, in order; `isEnd` says whether that is all there is
 * @throws {LookupError} `cursor-expired` unless every entry since the cursor's is there and of its epoch; also past an
 *   entry that somebody damaged, since what it said is lost
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

/** The cursor's entry itself may be deleted already, as long as the one after it is not. */
function isFirst(entry: Entry | undefined, { seq }: Cursor): boolean {
  return entry?.seq === seq || entry?.seq === seq + 1
}

function heartbeatOf({ heartbeatAt }: Entry): number {
  if (heartbeatAt === undefined) throw feedUnavailable()
  return 1000 * heartbeatAt
}

/** The error for a stack without a feed, and for a feed that nothing has come through. */
export function feedUnavailable(): LookupError {
  return new LookupError(
    'feed-unavailable',
    'This stack has no change feed, or nothing has come through it yet.',
  )
}

function cursorExpired(): LookupError {
  return new LookupError(
    'cursor-expired',
    'Changes since this cursor may be lost. Take what you know as unknown, and start again without since.',
  )
}
