import { AsyncLocalStorage } from 'node:async_hooks'
import type { Timer, Timers } from '../../adapter/lookup/timers.ts'

type Event = { readonly at: number; readonly order: number; call: (() => void) | undefined }

/** In milliseconds. */
export const SECOND = 1_000
export const MINUTE = 60 * SECOND

/** Where `Date.now()` starts in a simulation. */
const EPOCH_MS = Date.UTC(2030, 0, 1)

/** A clock that jumps from timer to timer. Everything that a timer starts has settled before the next one runs. */
export class VirtualTime implements Timers {
  /** Milliseconds since the start. */
  now = 0
  readonly #events: Event[] = []
  #order = 0

  /** The time as a function. */
  readonly clock = (): number => this.now

  /** As Node's timers: in whole milliseconds, and at least one. */
  after(ms: number, call: () => void): Timer {
    return this.#schedule(Math.max(1, Math.trunc(ms)), call)
  }

  #schedule(ms: number, call: () => void): Timer {
    const event: Event = { at: this.now + ms, order: this.#order++, call }
    push(this.#events, event)
    return {
      cancel: () => {
        event.call = undefined
      },
    }
  }

  inBackground(ms: number, call: () => void): Timer {
    return this.after(ms, call)
  }

  at(ms: number, call: () => void): Timer {
    return this.after(ms - this.now, call)
  }

  /** With fractions of a millisecond, unlike Node's timers. */
  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => this.#schedule(Math.max(0, ms), resolve))
  }

  /** Runs the timers up to this moment. */
  async runUntil(ms: number): Promise<void> {
    await settled()
    for (let event = this.#events[0]; event !== undefined && event.at <= ms; event = this.#events[0]) {
      pop(this.#events)
      if (event.call === undefined) continue
      this.now = event.at
      event.call()
      await settled()
    }
    this.now = Math.max(this.now, ms)
  }

  run(ms: number): Promise<void> {
    return this.runUntil(this.now + ms)
  }

  /** Runs until the promise settles, for at most `maxMs`. */
  async wait<T>(promise: Promise<T>, maxMs = 60_000): Promise<T> {
    let done = false
    const end = () => {
      done = true
    }
    promise.then(end, end)
    for (const endsAt = this.now + maxMs; !done && this.now < endsAt; ) {
      await settled()
      if (!done) await this.runUntil(Math.min(endsAt, this.#events[0]?.at ?? endsAt))
    }
    if (!done) throw new Error(`nothing after ${maxMs} ms`)
    return promise
  }
}

/** Node runs every promise job before the next immediate. */
const settled = () => new Promise<void>((resolve) => setImmediate(resolve))

/**
 * Calls `run` while `Date.now()` is the virtual time and `Math.random()` is seeded, for code of the stack that has no option
 * for either.
 */
export async function withVirtualGlobals<T>(
  time: VirtualTime,
  random: () => number,
  run: () => Promise<T>,
): Promise<T> {
  const restore = startVirtualGlobals(time, random)
  try {
    return await run()
  } finally {
    restore()
  }
}

const clockError = new AsyncLocalStorage<number>()

/** Calls `run` on a host whose `Date.now()` is this many ms ahead. */
export const withClockError = <T>(ms: number, run: () => Promise<T>): Promise<T> =>
  ms === 0 ? run() : clockError.run(ms, run)

/** Does the same until the returned function is called. */
export function startVirtualGlobals(time: VirtualTime, random: () => number): () => void {
  const { now } = Date
  const { random: realRandom } = Math
  Date.now = () => EPOCH_MS + Math.floor(time.now + (clockError.getStore() ?? 0))
  Math.random = random
  return () => {
    Date.now = now
    Math.random = realRandom
  }
}

const isBefore = (one: Event | undefined, other: Event | undefined): boolean =>
  one !== undefined &&
  (other === undefined || one.at < other.at || (one.at === other.at && one.order < other.order))

/** A binary heap: the parent of `i` is `(i - 1) >> 1`. */
function push(heap: Event[], event: Event): void {
  let i = heap.length
  for (let parent = (i - 1) >> 1; i > 0 && isBefore(event, heap[parent]); parent = (i - 1) >> 1) {
    heap[i] = heap[parent] as Event
    i = parent
  }
  heap[i] = event
}

function pop(heap: Event[]): void {
  const last = heap.pop()
  if (last === undefined || heap.length === 0) return
  let i = 0
  for (;;) {
    const left = 2 * i + 1
    const child = isBefore(heap[left + 1], heap[left]) ? left + 1 : left
    if (!isBefore(heap[child], last)) break
    heap[i] = heap[child] as Event
    i = child
  }
  heap[i] = last
}
