import type { DynamoDBRecord } from 'aws-lambda'
import type { App } from '../../../functions/apps/app.ts'
import { heartbeatRegionOf, SCHEDULED_TIME } from '../../../functions/apps/heartbeat.ts'
import { hashOf, type Random } from '../../support/random.ts'
import type { VirtualTime } from '../../support/virtual-time.ts'
import type { Change } from './replica.ts'

export type StreamOptions = {
  readonly shards: number
  /** The longest delay of a record without faults. */
  readonly delayMs: number
  /** Whether records have only the keys of the items. */
  readonly isKeysOnly: boolean
  /** The probability that a batch is delivered again. */
  readonly doubled: number
}

/** Handles one batch of records of these changes. If it throws, the batch is retried. */
export type Invoke = (records: readonly DynamoDBRecord[], changes: readonly Change[]) => Promise<void>

type Shard = { readonly queue: Change[]; isBusy: boolean; heldUntil: number }

const MAX_BATCH = 300

/** A table's stream and its event source mapping: one batch at a time for each shard, in order, retried until it works. */
export class RecordStream {
  readonly #time: VirtualTime
  readonly #random: Random
  readonly #options: StreamOptions
  readonly #invoke: Invoke
  readonly #shards: readonly Shard[]
  /** Whether heartbeats have their scheduled times. */
  hasScheduledTimes = true
  #generation = 1

  constructor(time: VirtualTime, random: Random, options: StreamOptions, invoke: Invoke) {
    this.#time = time
    this.#random = random
    this.#options = options
    this.#invoke = invoke
    this.#shards = Array.from({ length: options.shards }, () => ({ queue: [], isBusy: false, heldUntil: 0 }))
  }

  shardOf(id: string): number {
    return hashOf(id) % this.#shards.length
  }

  /** Blocks a shard until a time. */
  hold(shard: number, until: number): void {
    const held = this.#shards[shard]
    if (held !== undefined) held.heldUntil = Math.max(held.heldUntil, until)
  }

  /** Replaces the stream with a new one. Returns the lost changes. */
  replace(): Change[] {
    this.#generation += 1
    return this.#shards.flatMap(({ queue }) => queue.splice(0))
  }

  record(change: Change): void {
    const shard = this.#shards[this.shardOf(change.id)]
    if (shard === undefined) return
    shard.queue.push(change)
    if (!shard.isBusy) void this.#deliver(shard)
  }

  async #deliver(shard: Shard): Promise<void> {
    shard.isBusy = true
    while (shard.queue.length > 0) {
      await this.#time.sleep(this.#random.between(20, this.#options.delayMs))
      while (shard.heldUntil > this.#time.now)
        await this.#time.sleep(shard.heldUntil - this.#time.now + this.#random.between(0, 5_000))
      const batch = shard.queue.slice(0, this.#random.whole(1, MAX_BATCH))
      // The stream can have been replaced. Functions are not invoked without records.
      if (batch.length > 0) await this.#handle(shard, batch)
    }
    shard.isBusy = false
  }

  async #handle(shard: Shard, batch: readonly Change[]): Promise<void> {
    const records = batch.map((change) => this.#recordOf(change))
    try {
      await this.#invoke(records, batch)
      if (this.#random.chance(this.#options.doubled)) await this.#invoke(records, batch)
    } catch {
      return this.#time.sleep(this.#random.between(200, 2_000))
    }
    // The stream can have been replaced.
    if (shard.queue[0] === batch[0]) shard.queue.splice(0, batch.length)
  }

  #recordOf({ id, before, after, at }: Change): DynamoDBRecord {
    const images = {
      ...(before && { OldImage: this.#imageOf(before) }),
      ...(after && { NewImage: this.#imageOf(after) }),
    }
    return {
      eventName: before === undefined ? 'INSERT' : after === undefined ? 'REMOVE' : 'MODIFY',
      eventSourceARN: `arn:aws:dynamodb:eu-west-1:123456789012:table/apps/stream/${this.#generation}`,
      dynamodb: {
        Keys: { AppId: { S: id } },
        ApproximateCreationDateTime: Math.floor(this.#dateOf(at) / 1000),
        ...(!this.#options.isKeysOnly && images),
      },
    }
  }

  #imageOf({ id, key, maxConnections: scheduledAt }: App) {
    const image = { AppId: { S: id }, AppKey: { S: key } }
    if (heartbeatRegionOf(id) === undefined || scheduledAt === undefined || !this.hasScheduledTimes)
      return image
    return { ...image, [SCHEDULED_TIME]: { S: new Date(this.#dateOf(scheduledAt)).toISOString() } }
  }

  /** The epoch time of a moment, in ms. */
  #dateOf(at: number): number {
    return Date.now() - this.#time.now + at
  }
}
