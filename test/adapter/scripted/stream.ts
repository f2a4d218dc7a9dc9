import type { Random } from '../random.ts'
import type { VirtualTime } from '../virtual-time.ts'
import type { ChangeLog } from './change-log.ts'

/** A record of the table's stream: a change, or a heartbeat and when it was written. */
export type Record =
  | { readonly id: string; readonly keys?: readonly string[] }
  | { readonly heartbeatAt: number }

const SHARDS = 4
/** The shard that carries the heartbeat. */
const HEARTBEAT_SHARD = 0

export type StreamFaults = {
  /** Whether the stream is stopped. */
  stalled: boolean
  /** The blocked shards. */
  readonly blocked: Set<number>
  /** The probability that a record is delivered twice. */
  doubled: number
  /** The longest delay of a record. */
  delayMs: number
  /** Records carry no images, so that hints have no keys. */
  keysOnly: boolean
}

/** The stream from a table to its change log: each shard is in order, and independent of the others. */
export class Stream {
  readonly faults: StreamFaults = {
    stalled: false,
    blocked: new Set(),
    doubled: 0,
    delayMs: 1_000,
    keysOnly: false,
  }
  readonly #shards: Record[][] = Array.from({ length: SHARDS }, () => [])
  readonly #time: VirtualTime
  readonly #random: Random
  readonly #log: ChangeLog

  constructor(time: VirtualTime, random: Random, log: ChangeLog) {
    this.#time = time
    this.#random = random
    this.#log = log
  }

  /** The shard of an app. */
  static shardOf(id: string): number {
    return [...id].reduce((sum, char) => sum + char.charCodeAt(0), 0) % SHARDS
  }

  record(record: Record): void {
    const shard = 'id' in record ? Stream.shardOf(record.id) : HEARTBEAT_SHARD
    this.#shards[shard]?.push(record)
    this.#time.after(this.#random.between(50, this.faults.delayMs), () => this.#deliver(shard))
  }

  /** Continues where it was stopped. */
  resume(): void {
    for (let shard = 0; shard < SHARDS; shard += 1) this.#deliver(shard)
  }

  #deliver(shard: number): void {
    if (this.faults.stalled || this.faults.blocked.has(shard)) return
    const records = this.#shards[shard]?.splice(0) ?? []
    this.#append(records)
    if (records.length === 0 || !this.#random.chance(this.faults.doubled)) return
    this.#time.after(this.#random.between(0, 20_000), () => this.#append(records))
  }

  #append(records: readonly Record[]): void {
    for (const record of records) {
      if ('heartbeatAt' in record) this.#log.beat(record.heartbeatAt)
      else this.#log.append(this.faults.keysOnly ? { id: record.id } : record)
    }
  }
}
