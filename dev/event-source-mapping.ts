import { setTimeout as wait } from 'node:timers/promises'
import type { DynamoDBRecord, DynamoDBStreamEvent } from 'aws-lambda'

/** A shard of a stream, with its records in order. */
export type Shard = {
  /** The next records, at most this many. Waits until there are any; `undefined` at the end of the shard. */
  next(limit: number): Promise<readonly DynamoDBRecord[] | undefined>
  /** Called once the function has handled these records. */
  done?(records: readonly DynamoDBRecord[]): void
}

/** How records are passed to a function. */
export type MappingOptions = {
  readonly batchSize: number
  readonly invoke: (event: DynamoDBStreamEvent) => Promise<unknown>
  /** Called with each error of the function; the batch is repeated. */
  readonly onError: (error: unknown) => void
  readonly signal: AbortSignal
}

const BACKOFF_MS = { first: 100, most: 5000 } as const

/**
 * Passes a shard's records to a function as Lambda's event source mapping does: one batch at a time, and the same batch
 * again while the function fails. Resolves at the end of the shard, or when the signal is aborted.
 */
export async function deliver(shard: Shard, options: MappingOptions): Promise<void> {
  for (;;) {
    const records = await shard.next(options.batchSize)
    if (records === undefined || options.signal.aborted) return
    if (await invokeUntilDone({ Records: [...records] }, options)) shard.done?.(records)
  }
}

/** Returns whether the function succeeded; `false` if the signal was aborted first. */
async function invokeUntilDone(
  event: DynamoDBStreamEvent,
  { invoke, onError, signal }: MappingOptions,
): Promise<boolean> {
  for (let backoffMs: number = BACKOFF_MS.first; !signal.aborted; backoffMs *= 2) {
    try {
      await invoke(event)
      return true
    } catch (error) {
      onError(error)
    }
    await wait(Math.min(backoffMs, BACKOFF_MS.most), undefined, { signal }).catch(() => undefined)
  }
  return false
}

/** Creates a shard to which `push` adds records. It ends when the signal is aborted. */
export function createShard(signal: AbortSignal): Shard & { push(record: DynamoDBRecord): void } {
  const waiting: DynamoDBRecord[] = []
  let filled = Promise.withResolvers<void>()
  signal.addEventListener('abort', () => filled.resolve())
  return {
    push(record) {
      waiting.push(record)
      filled.resolve()
    },
    async next(limit) {
      await filled.promise
      if (signal.aborted) return undefined
      const records = waiting.splice(0, limit)
      if (waiting.length === 0) filled = Promise.withResolvers()
      return records
    },
  }
}
