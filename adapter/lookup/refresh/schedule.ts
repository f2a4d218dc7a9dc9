import type { AppRecord } from '../cache/record.ts'
import { NEVER } from '../timers.ts'

/** The order in which apps that are due are read. */
export const RANKS = {
  /** Lookups wait for it. */
  awaited: 0,
  /** It has open sockets, and a hint named it. */
  liveAndChanged: 1,
  live: 2,
  changed: 3,
  /** It is followed, and only has to be renewed, which needs no consistent read. */
  renewal: 4,
  used: 5,
  cached: 6,
} as const

export type Rank = (typeof RANKS)[keyof typeof RANKS]

/**
 * When each app is to be read again: a binary heap of those that are not yet due, and a set for each rank of those that
 * are, in the order in which they became due. An app is in one place at most.
 */
export class Schedule {
  /** The parent of `i` is `(i - 1) >> 1`. */
  readonly #heap: AppRecord[] = []
  readonly #due: readonly Set<AppRecord>[] = Object.values(RANKS).map(() => new Set())

  /** The number of apps that are due. */
  get length(): number {
    return this.#due.reduce((sum, { size }) => sum + size, 0)
  }

  /** The apps of a rank that are due, longest first. */
  due(rank: Rank): ReadonlySet<AppRecord> {
    return this.#due[rank] as Set<AppRecord>
  }

  /** When the next app that is not yet due will be. */
  get nextAt(): number {
    return this.#heap[0]?.dueAt ?? NEVER
  }

  /** Takes out the app that is due next, if that is at `until` or before. */
  takeNext(until: number): AppRecord | undefined {
    const [next] = this.#heap
    if (!next || next.dueAt > until) return undefined
    this.remove(next)
    return next
  }

  /** The app is due at `at`, or never. */
  plan(record: AppRecord, at: number): void {
    this.remove(record)
    record.dueAt = at
    if (at < NEVER) this.#siftUp(record, this.#heap.length)
  }

  /** The app is due, since `at`. */
  makeDue(record: AppRecord, at: number, rank: Rank): void {
    if (record.place === placeOf(rank)) return
    this.remove(record)
    record.dueAt = at
    record.place = placeOf(rank)
    this.#due[rank]?.add(record)
  }

  remove(record: AppRecord): void {
    const { place } = record
    if (isDue(record)) this.#due[placeOf(place)]?.delete(record)
    else if (place >= 0) this.#fill(place)
    record.place = -1
  }

  /** Takes an app out of the heap. */
  #fill(index: number): void {
    const last = this.#heap.pop()
    if (last === undefined || index === this.#heap.length) return
    this.#siftUp(last, index)
    this.#siftDown(last, last.place)
  }

  #siftUp(record: AppRecord, from: number): void {
    let i = from
    for (let parent = this.#heap[(i - 1) >> 1]; i > 0 && parent; parent = this.#heap[(i - 1) >> 1]) {
      if (parent.dueAt <= record.dueAt) break
      const up = parent.place
      this.#put(parent, i)
      i = up
    }
    this.#put(record, i)
  }

  #siftDown(record: AppRecord, from: number): void {
    let i = from
    for (;;) {
      const left = this.#heap[2 * i + 1]
      const right = this.#heap[2 * i + 2]
      const child = right && left && right.dueAt < left.dueAt ? right : left
      if (!child || child.dueAt >= record.dueAt) break
      const down = child.place
      this.#put(child, i)
      i = down
    }
    this.#put(record, i)
  }

  #put(record: AppRecord, index: number): void {
    this.#heap[index] = record
    record.place = index
  }
}

/** The place of an app is its index in the heap, -1 for none, and less for those that are due, by their rank. */
const placeOf = (rank: number) => -2 - rank

/** Whether an app is due. */
export function isDue({ place }: AppRecord): boolean {
  return place < -1
}
