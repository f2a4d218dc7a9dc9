import type { Item } from '../../../functions/apps/item.ts'
import { decodeEntry, type Entry, encodeEntry, maxSeq } from '../../../functions/feed/change-entry.ts'
import type { ChangeLogReader, ChangeLogWriter, Entries } from '../../../functions/feed/change-log.ts'
import { LookupError } from '../../../functions/lookup-error.ts'
import type { Random } from '../../support/random.ts'
import type { VirtualTime } from '../../support/virtual-time.ts'

/** The change log's table in memory: consistent reads and conditional writes, which take time and may fail. */
export class MemoryLog implements ChangeLogReader, ChangeLogWriter {
  readonly #time: VirtualTime
  readonly #random: Random
  /** In the order of their numbers. */
  #items: Item[] = []
  /** The probability that a call fails, before or after it has done its work. */
  failing = 0
  slowMs = 5
  /** How many entries one read returns. DynamoDB's limit of 1 MB is never reached here. */
  maxRead = 20
  /** The read units a second of its partition, which is also the burst. */
  unitsPerSecond = Number.POSITIVE_INFINITY
  /** The reads that were throttled. */
  throttled = 0
  readonly #units = { left: 0, filledAt: 0 }
  /** The largest number that reads return. */
  maxSeq = maxSeq
  /** The newest heartbeat that readers have seen, epoch time in ms. */
  heartbeatAt = 0

  constructor(time: VirtualTime, random: Random) {
    this.#time = time
    this.#random = random
  }

  /** The last entry that reads return. */
  get last(): Entry | undefined {
    const item = this.#items[this.#end - 1]
    return item && decodeEntry(item)
  }

  readLast(deadline: number): Promise<Item | undefined> {
    return this.#call(deadline, () => this.#items[this.#end - 1])
  }

  readFrom(seq: number, limit: number, deadline: number): Promise<Entries> {
    return this.#call(deadline, () => {
      const from = this.#indexOf(seq)
      const to = from + Math.min(limit, this.maxRead)
      const items = this.#items.slice(from, Math.min(to, this.#end))
      this.#consume(items)
      return { items, isEnd: to >= this.#end }
    })
  }

  append(entry: Entry, deadline: number): Promise<boolean> {
    return this.#call(deadline, () => {
      const isAppended = this.put(encodeEntry(entry))
      if (isAppended) this.heartbeatAt = Math.max(this.heartbeatAt, 1000 * (entry.heartbeatAt ?? 0))
      return isAppended
    })
  }

  /** Puts an item, unless there is one with its number. */
  put(item: Item): boolean {
    const seq = seqOf(item)
    const index = this.#indexOf(seq)
    if (seqOf(this.#items[index]) === seq) return false
    this.#items.splice(index, 0, item)
    return true
  }

  /** Appends entries of one change each, of apps that nobody has looked up. */
  fill(entries: number): void {
    const { last } = this
    if (last === undefined) return
    for (let i = 1; i <= entries; i += 1) {
      const hints = [{ id: `other-${i}`, keys: ['AAAAAAAAAAA'] }]
      this.put(encodeEntry({ ...last, seq: last.seq + i, hints, appendedAt: Date.now() / 1000 }))
    }
  }

  /** Deletes the oldest entries. */
  keepLast(entries: number): void {
    this.#items = entries === 0 ? [] : this.#items.slice(-entries)
  }

  /**
   * Restores a backup that lacks the last two heartbeats at least: a backup takes some time, and a heartbeat is up to a
   * minute later than its scheduled time. Returns the epoch whose numbers are used again, if there is such a backup.
   */
  restore(): string | undefined {
    const { heartbeatAt = 0 } = this.last ?? {}
    const isBackup = (item: Item) => Number(item.heartbeatAt?.N) <= heartbeatAt - 2 * MINUTE_S
    const length = this.#items.findLastIndex(isBackup) + 1
    if (length === 0) return undefined
    this.#items.length = length
    return this.last?.epoch
  }

  /** Deletes an entry between others, as the TTL of DynamoDB may. */
  makeGap(): void {
    if (this.#end > 2) this.#items.splice(this.#random.whole(1, this.#end - 2), 1)
  }

  /** @throws {LookupError} `store-throttled` if the read needs more units than there are */
  #consume(items: readonly Item[]): void {
    if (this.unitsPerSecond === Number.POSITIVE_INFINITY) return
    const units = Math.max(1, Math.ceil(items.reduce((sum, item) => sum + sizeOf(item), 0) / UNIT_BYTES))
    const { left, filledAt } = this.#units
    const refilled = left + ((this.#time.now - filledAt) / 1000) * this.unitsPerSecond
    const available = Math.min(this.unitsPerSecond, refilled)
    const isThrottled = available < units
    if (isThrottled) this.throttled += 1
    Object.assign(this.#units, { left: available - (isThrottled ? 0 : units), filledAt: this.#time.now })
    if (isThrottled) throw new LookupError('store-throttled', 'DynamoDB throttles.')
  }

  get #end(): number {
    return this.#indexOf(this.maxSeq() + 1)
  }

  /** The index of the first item with this number or a larger one. */
  #indexOf(seq: number): number {
    let index = this.#items.length
    while (index > 0 && seqOf(this.#items[index - 1]) >= seq) index -= 1
    return index
  }

  async #call<T>(deadline: number, work: () => T): Promise<T> {
    await this.#time.sleep(this.#random.between(0, this.slowMs))
    if (this.#random.chance(this.failing / 2) || Date.now() > deadline) throw unavailable()
    const result = work()
    await this.#time.sleep(this.#random.between(0, this.slowMs))
    if (this.#random.chance(this.failing / 2)) throw unavailable()
    return result
  }
}

const MINUTE_S = 60
/** What a consistent read reads with one unit. */
const UNIT_BYTES = 4_096

const sizeOf = (item: Item) =>
  Object.entries(item).reduce((sum, [name, { S = '', N = '' }]) => sum + name.length + S.length + N.length, 0)

const seqOf = (item: Item | undefined) => Number(item?.seq?.N)

export const unavailable = () => new LookupError('store-unavailable', 'DynamoDB failed.')
