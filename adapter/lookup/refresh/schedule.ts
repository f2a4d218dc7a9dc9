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
 * When each app is to be read again: a binary heap of those that are not yet due, and for each rank those that are, in the
 * order in which they became due. An app is in one place at most.
 */
export type Schedule = {
  /** The number of apps that are due. */
  readonly length: number
  /** When the next app that is not yet due will be. */
  readonly nextAt: number
  /** The apps of a rank that are due, longest first, and since when. */
  due(rank: Rank): ReadonlyMap<AppRecord, number>
  /** Takes out the app that is due next, if that is at `until` or before. */
  takeNext(until: number): AppRecord | undefined
  /** The app is due at `at`, or never. */
  plan(record: AppRecord, at: number): void
  /** The app is due, since `at`. */
  makeDue(record: AppRecord, at: number, rank: Rank): void
  remove(record: AppRecord): void
}

/** The place of an app is its index in the heap, this for none, and less for those that are due, by their rank. */
const NOWHERE = -1
const placeOf = (rank: number) => NOWHERE - 1 - rank

export function createSchedule(): Schedule {
  /** The parent of `i` is `(i - 1) >> 1`. */
  const heap: AppRecord[] = []
  /** When the apps of the heap are due: an array of numbers alone takes less memory than a field of each record. */
  const times: number[] = []
  const due = Object.values(RANKS).map(() => new Map<AppRecord, number>())

  const timeAt = (index: number) => times[index] ?? NEVER
  const put = (record: AppRecord, at: number, index: number) => {
    heap[index] = record
    times[index] = at
    record.place = index
  }
  const move = (from: number, to: number) => put(heap[from] as AppRecord, timeAt(from), to)

  const siftUp = (record: AppRecord, at: number, from: number) => {
    let i = from
    for (let parent = (i - 1) >> 1; i > 0 && timeAt(parent) > at; parent = (i - 1) >> 1) {
      move(parent, i)
      i = parent
    }
    put(record, at, i)
  }
  const siftDown = (record: AppRecord, at: number, from: number) => {
    let i = from
    for (;;) {
      const left = 2 * i + 1
      const child = timeAt(left + 1) < timeAt(left) ? left + 1 : left
      if (timeAt(child) >= at) break
      move(child, i)
      i = child
    }
    put(record, at, i)
  }
  /** Takes an app out of the heap. */
  const fill = (index: number) => {
    const [last, at = NEVER] = [heap.pop(), times.pop()]
    if (!last || index === heap.length) return
    siftUp(last, at, index)
    siftDown(last, at, last.place)
  }

  const remove = (record: AppRecord) => {
    const { place } = record
    if (place < NOWHERE) due[placeOf(place)]?.delete(record)
    else if (place > NOWHERE) fill(place)
    record.place = NOWHERE
  }

  return {
    get length() {
      return due.reduce((sum, { size }) => sum + size, 0)
    },
    get nextAt() {
      return timeAt(0)
    },
    due: (rank) => due[rank] as Map<AppRecord, number>,
    takeNext(until) {
      const [next] = heap
      if (!next || timeAt(0) > until) return undefined
      remove(next)
      return next
    },
    plan(record, at) {
      remove(record)
      if (at < NEVER) siftUp(record, at, heap.length)
    },
    makeDue(record, at, rank) {
      if (record.place === placeOf(rank)) return
      remove(record)
      record.place = placeOf(rank)
      due[rank]?.set(record, at)
    },
    remove,
  }
}
