import { setTimeout as wait } from 'node:timers/promises'
import type { DynamoDBRecord, DynamoDBStreamEvent } from 'aws-lambda'

/** A shard of a stream, from which records come in their order. */
export type Shard = {
  /** The next records, at most so many; waits until there are any. `undefined` when no more will come. */
  next(limit: number): Promise<readonly DynamoDBRecord[] | undefined>
  /** Called once the function has handled these records. */
  done?(records: readonly DynamoDBRecord[]): void
}

export type MappingOptions = {
  readonly batchSize: number
  readonly invoke: (event: DynamoDBStreamEvent) => Promise<unknown>
  /** Called with each failure of the function; its batch is repeated. */
  readonly onError: (error: unknown) => void
  readonly signal: AbortSignal
}

const BACKOFF_MS = { first: 100, most: 5000 } as const

/**
 * Hands a shard's records to a function as Lambda's event source mapping does: one batch at a time, the next one only
 * when the function has not failed, the same one again as long as it fails. Ends with the shard or by the signal.
 */
export async function deliver(shard: Shard, options: MappingOptions): Promise<void> {
  for (;;) {
    const records = await shard.next(options.batchSize)
    if (records === undefined || options.signal.aborted) return
    if (await invokeUntilDone({ Records: [...records] }, options)) shard.done?.(records)
  }
}

/** Whether it was done; `false` after the signal. */
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

/** A shard that is filled by hand: what `push` is given comes out in order, until the signal ends it. */
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
