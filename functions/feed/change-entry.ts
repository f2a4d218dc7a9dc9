import type { Item } from '../apps/item.ts'
import { EPOCH } from './cursor.ts'
import { type Hint, isHint } from './hint.ts'

/** One entry of the change log. Times are epoch times in seconds. */
export type Entry = {
  /** The entry's number: one more than the previous entry's. */
  readonly seq: number
  /** The same as the previous entry's, unless changes may be missing between the two, or a number was used before. */
  readonly epoch: string
  readonly hints: readonly Hint[]
  /** When the newest heartbeat was recorded. All changes before it are in the log. Absent before the first heartbeat. */
  readonly heartbeatAt?: number
  /** The ARN of the stream with the changes. */
  readonly source: string
  readonly appendedAt: number
}

/** The limits of an entry. A page has whole entries, so they also limit a page. */
export const MAX_ENTRY = { hints: 100, bytes: 100_000 } as const

/** The partition of all entries, so that their numbers are in one order. */
export const PARTITION = 'apps'

/**
 * The largest number that an entry can have by now: one for each microsecond since 1970, more than DynamoDB could write.
 * An item with a larger number is not an entry. If it counted as the last one, there would be no number after it.
 */
export const maxSeq = () => 1000 * Date.now()

const KEPT_SECONDS = 24 * 60 * 60

/** The item of an entry; DynamoDB deletes it some time after `expiresAt`. */
export function encodeEntry({ seq, epoch, hints, heartbeatAt, source, appendedAt }: Entry): Item {
  return {
    feed: { S: PARTITION },
    seq: { N: String(seq) },
    epoch: { S: epoch },
    hints: { S: JSON.stringify(hints) },
    ...(heartbeatAt !== undefined && { heartbeatAt: { N: String(heartbeatAt) } }),
    source: { S: source },
    expiresAt: { N: String(Math.floor(appendedAt) + KEPT_SECONDS) },
  }
}

/** The entry of an item, or `undefined` if the item is not an entry, because someone else wrote or changed it. */
export function decodeEntry(item: Item): Entry | undefined {
  const seq = numberOf(item, 'seq')
  const epoch = item.epoch?.S
  const hints = parseHints(item.hints?.S)
  const source = item.source?.S
  const expiresAt = numberOf(item, 'expiresAt')
  const heartbeatAt = numberOf(item, 'heartbeatAt')
  if (!Number.isSafeInteger(seq) || seq === undefined || seq < 1) return undefined
  if (epoch === undefined || !EPOCH.test(epoch) || source === undefined) return undefined
  if (hints === undefined || expiresAt === undefined) return undefined
  if (heartbeatAt === undefined && item.heartbeatAt !== undefined) return undefined
  const appendedAt = expiresAt - KEPT_SECONDS
  return { seq, epoch, hints, source, appendedAt, ...(heartbeatAt !== undefined && { heartbeatAt }) }
}

/** The number after an item's number, even if the item is not a valid entry. */
export function seqAfter(item: Item | undefined): number {
  return Math.floor(Number(item?.seq?.N ?? 0)) + 1
}

function numberOf(item: Item, attribute: string): number | undefined {
  const number = Number(item[attribute]?.N ?? Number.NaN)
  return Number.isFinite(number) ? number : undefined
}

function parseHints(json: string | undefined): readonly Hint[] | undefined {
  try {
    const hints: unknown = JSON.parse(json ?? '')
    return Array.isArray(hints) && hints.every(isHint) ? hints : undefined
  } catch {
    return undefined
  }
}
