import type { Item } from '../../../functions/apps/item.ts'
import { type Entry, encodeEntry } from '../../../functions/feed/change-entry.ts'
import type { ChangeLogReader, ChangeLogWriter, Entries } from '../../../functions/feed/change-log.ts'
import { LookupError } from '../../../functions/lookup-error.ts'
import type { Random } from '../../support/random.ts'
import type { VirtualTime } from '../../support/virtual-time.ts'

/** The change log's table in memory: consistent reads and conditional writes, which take time and may fail. */
export class MemoryLog implements ChangeLogReader, ChangeLogWriter {
  readonly #time: VirtualTime
  readonly #random: Random
  #items: Item[] = []
  /** The probability that a call fails, before or after it has done its work. */
  failing = 0
  slowMs = 5
  /** How many entries one read returns. DynamoDB's limit of 1 MB is never reached here. */
  maxRead = 20
  /** The newest heartbeat that readers have seen, epoch time in ms. */
  heartbeatAt = 0

  constructor(time: VirtualTime, random: Random) {
    this.#time = time
    this.#random = random
  }

  readLast(): Promise<Item | undefined> {
    return this.#call(() => this.#items.at(-1))
  }

  readFrom(seq: number, limit: number): Promise<Entries> {
    return this.#call(() => {
      let from = this.#items.length
      while (from > 0 && Number(this.#items[from - 1]?.seq?.N) >= seq) from -= 1
      const to = from + Math.min(limit, this.maxRead)
      return { items: this.#items.slice(from, to), isEnd: to >= this.#items.length }
    })
  }

  append(entry: Entry): Promise<boolean> {
    return this.#call(() => {
      const last = this.#items.at(-1)
      if (last !== undefined && entry.seq <= Number(last.seq?.N)) return false
      this.#items.push(encodeEntry(entry))
      this.heartbeatAt = Math.max(this.heartbeatAt, 1000 * (entry.heartbeatAt ?? 0))
      return true
    })
  }

  /** Deletes the oldest entries. */
  keepLast(entries: number): void {
    this.#items = entries === 0 ? [] : this.#items.slice(-entries)
  }

  /** Deletes an entry between others, as the TTL of DynamoDB may. */
  makeGap(): void {
    if (this.#items.length > 2) this.#items.splice(this.#random.whole(1, this.#items.length - 2), 1)
  }

  async #call<T>(work: () => T): Promise<T> {
    await this.#time.sleep(this.#random.between(0, this.slowMs))
    if (this.#random.chance(this.failing / 2)) throw unavailable()
    const result = work()
    await this.#time.sleep(this.#random.between(0, this.slowMs))
    if (this.#random.chance(this.failing / 2)) throw unavailable()
    return result
  }
}

export const unavailable = () => new LookupError('store-unavailable', 'DynamoDB failed.')
