import { getRandomValues } from 'node:crypto'
import { decodeEntry, type Entry, seqAfter } from './change-entry.ts'
import type { ChangeLogReader, ChangeLogWriter } from './change-log.ts'
import type { Hint } from './hint.ts'
import { newest, type StreamBatch } from './stream-records.ts'

/** What one entry holds at most: an answer to a reader is made of whole entries. */
export const MAX_ENTRY = { hints: 100, bytes: 100_000 } as const

/** A stream keeps its records for 24 h: after 20 h of silence some may have been lost. */
const MAX_SILENCE_SECONDS = 20 * 60 * 60

type Log = ChangeLogReader & ChangeLogWriter

/**
 * Appends a batch to the log, in order, in as many entries as it takes; a batch without hints and heartbeat adds none.
 *
 * An entry is written under the number after the last one, and again under the next when somebody else was faster. A
 * crash leaves the first entries of a batch; when the batch comes again they are there twice, which says no more than
 * once.
 *
 * @param deadline gives the epoch time in ms at which the next read or write ends
 * @throws {LookupError} a `store-…` code; what is appended by then stays
 */
export async function appendChanges(batch: StreamBatch, log: Log, deadline: () => number): Promise<void> {
  const parts = split(batch.hints)
  if (parts.length === 0 && batch.heartbeatAt !== undefined) parts.push([])
  if (parts.length === 0) return

  let end = await readEnd(log, deadline())
  for (const [index, hints] of parts.entries()) {
    // It says that all changes before it are in the log, so the last part alone can have it.
    const heartbeatAt = index === parts.length - 1 ? batch.heartbeatAt : undefined
    for (let isAppended = false; !isAppended; ) {
      const entry = entryAfter(end, { hints, heartbeatAt, source: batch.source })
      isAppended = await log.append(entry, deadline())
      end = isAppended ? { last: entry, nextSeq: entry.seq + 1 } : await readEnd(log, deadline())
    }
  }
}

/** Where the log ends: `last` is missing when it is empty, or when its last entry can't be read. */
type End = { readonly last: Entry | undefined; readonly nextSeq: number }

async function readEnd(log: Log, deadline: number): Promise<End> {
  const item = await log.readLast(deadline)
  return { last: item && decodeEntry(item), nextSeq: seqAfter(item) }
}

type Part = Pick<StreamBatch, 'heartbeatAt' | 'source'> & { readonly hints: readonly Hint[] }

function entryAfter({ last, nextSeq }: End, { hints, heartbeatAt, source }: Part): Entry {
  const now = Date.now() / 1000
  const previous = last && continues(last, source, now) ? last : undefined
  // A clock that is ahead of ours must not make the feed look fresh for longer.
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

/** Whether whoever knows the log up to its last entry misses nothing by what is appended now. */
function continues(last: Entry, source: string, now: number): boolean {
  const heardAt = Math.min(last.appendedAt, last.heartbeatAt ?? now)
  return last.source === source && now - heardAt < MAX_SILENCE_SECONDS
}

function createEpoch(): string {
  return Buffer.from(getRandomValues(new Uint8Array(8))).toString('base64url')
}

/** The hints in parts that fit into one entry each. */
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
