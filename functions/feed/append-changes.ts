import { getRandomValues } from 'node:crypto'
import { decodeEntry, type Entry, MAX_ENTRY, seqAfter } from './change-entry.ts'
import type { ChangeLogReader, ChangeLogWriter } from './change-log.ts'
import type { Hint } from './hint.ts'
import { newest, type StreamBatch } from './stream-records.ts'

/** How much older than its scheduled time a heartbeat can be in the log: DynamoDB Local rounds times down to a minute. */
const MAX_EARLY_SECONDS = 60

/** A stream keeps records for 24 h. After 20 h without an entry, some may have been lost. */
const MAX_SILENCE_SECONDS = 20 * 60 * 60

type Log = ChangeLogReader & ChangeLogWriter

/**
 * Appends a batch to the log, in order, in as many entries as necessary. A batch without hints and heartbeat adds none.
 *
 * An entry gets the number after the last one. If another writer took that number, the entry is written under the next.
 * After a crash, Lambda repeats the batch, and its first entries are in the log twice, which is harmless.
 *
 * @param deadline gives the epoch time in ms at which the next read or write ends
 * @throws {LookupError} a `store-…` code; the entries that were appended before it stay
 */
export async function appendChanges(batch: StreamBatch, log: Log, deadline: () => number): Promise<void> {
  const parts = split(batch.hints)
  if (parts.length === 0 && batch.heartbeatAt !== undefined) parts.push([])
  if (parts.length === 0) return

  let end = await readEnd(log, deadline())
  for (const [index, hints] of parts.entries()) {
    // A heartbeat means that all changes before it are in the log, so only the last part has it.
    const heartbeatAt = index === parts.length - 1 ? batch.heartbeatAt : undefined
    for (let isAppended = false; !isAppended; ) {
      const entry = entryAfter(end, { ...batch, hints, heartbeatAt })
      isAppended = await log.append(entry, deadline())
      end = isAppended ? { last: entry, nextSeq: entry.seq + 1 } : await readEnd(log, deadline())
    }
  }
}

/** The end of the log. `last` is missing if the log is empty, or if its last entry can't be decoded. */
type End = { readonly last: Entry | undefined; readonly nextSeq: number }

async function readEnd(log: Log, deadline: number): Promise<End> {
  const item = await log.readLast(deadline)
  return { last: item && decodeEntry(item), nextSeq: seqAfter(item) }
}

function entryAfter({ last, nextSeq }: End, batch: StreamBatch): Entry {
  const { hints, heartbeatAt, source } = batch
  const now = Date.now() / 1000
  const previous = last && continues(last, batch, now) ? last : undefined
  // DynamoDB's clock can be ahead of ours; a heartbeat in the future would be fresh for too long.
  const newestHeartbeat = newest(previous?.heartbeatAt, heartbeatAt && Math.min(heartbeatAt, now))
  return {
    seq: nextSeq,
    epoch: previous?.epoch ?? createEpoch(),
    hints,
    ...(newestHeartbeat !== undefined && { heartbeatAt: newestHeartbeat }),
    source,
    appendedAt: now,
  }
}

/**
 * Whether no change can be missing between the last entry and one that is appended now. If the log has not heard the
 * heartbeat before the batch's, it lacks entries: for example, it was restored from a backup, and its numbers are used again.
 */
function continues(last: Entry, { source, previousHeartbeatAt = 0 }: StreamBatch, now: number): boolean {
  const { appendedAt, heartbeatAt = now } = last
  return (
    last.source === source &&
    now - Math.min(appendedAt, heartbeatAt) < MAX_SILENCE_SECONDS &&
    previousHeartbeatAt - heartbeatAt <= MAX_EARLY_SECONDS
  )
}

function createEpoch(): string {
  return Buffer.from(getRandomValues(new Uint8Array(8))).toString('base64url')
}

/** Splits hints into parts that each fit into one entry. */
function split(hints: readonly Hint[]): Hint[][] {
  const parts: Hint[][] = []
  let bytes = Number.POSITIVE_INFINITY
  for (const hint of hints) {
    const size = Buffer.byteLength(JSON.stringify(hint)) + 1
    const part = parts.at(-1)
    if (part && part.length < MAX_ENTRY.hints && bytes + size <= MAX_ENTRY.bytes) {
      part.push(hint)
      bytes += size
    } else {
      parts.push([hint])
      bytes = size
    }
  }
  return parts
}
