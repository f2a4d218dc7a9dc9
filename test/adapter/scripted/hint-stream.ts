import type { Hint } from '../../../functions/feed/hint.ts'
import type { Random } from '../../support/random.ts'
import type { VirtualTime } from '../../support/virtual-time.ts'
import type { HintLog } from './hint-log.ts'

/** A record of the stream: the hint of a change, or when a heartbeat was written. */
type HintRecord = Hint | { readonly heartbeatAt: number }

const SHARDS = 4
/** The shard that carries the heartbeat. */
const HEARTBEAT_SHARD = 0

type StreamFaults = {
  /** The blocked shards. */
  readonly blocked: Set<number>
  /** The longest delay of a record. */
  delayMs: number
  /** Records carry no images, so that hints have no keys. */
  keysOnly: boolean
}

/** The stream from a table to its change log: each shard is in order, and independent of the others. */
export class HintStream {
  readonly faults: StreamFaults = {
    blocked: new Set(),
    delayMs: 1_000,
    keysOnly: false,
  }
  readonly #shards: HintRecord[][] = Array.from({ length: SHARDS }, () => [])
  readonly #time: VirtualTime
  readonly #random: Random
  readonly #log: HintLog

  constructor(time: VirtualTime, random: Random, log: HintLog) {
    this.#time = time
    this.#random = random
    this.#log = log
  }

  /** The shard of an app. */
  static shardOf(id: string): number {
    return [...id].reduce((sum, char) => sum + char.charCodeAt(0), 0) % SHARDS
  }

  record(record: HintRecord): void {
    const shard = 'id' in record ? HintStream.shardOf(record.id) : HEARTBEAT_SHARD
    this.#shards[shard]?.push(record)
    this.#time.after(this.#random.between(50, this.faults.delayMs), () => this.#deliver(shard))
  }

  #deliver(shard: number): void {
    if (this.faults.blocked.has(shard)) return
    for (const record of this.#shards[shard]?.splice(0) ?? []) {
      if ('heartbeatAt' in record) this.#log.beat(record.heartbeatAt)
      else this.#log.append(this.faults.keysOnly ? { id: record.id } : record)
    }
  }
}
