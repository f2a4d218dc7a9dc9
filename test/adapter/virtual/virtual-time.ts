import type { Timer, Timers } from '../../../adapter/lookup/timers.ts'

/** As with Node's timers. */
const MIN_DELAY_MS = 1

type Event = { readonly at: number; readonly order: number; readonly call: () => void; cancelled: boolean }

/** Time that passes only when it is told to: what was to happen by then happens, in order. */
export class VirtualTime {
  /** Milliseconds since the epoch. */
  now = Date.UTC(2027, 0, 1)
  readonly clock = () => this.now
  readonly timers: Timers = {
    after: (ms, call) => this.#schedule(ms, call),
    inBackground: (ms, call) => this.#schedule(ms, call),
  }
  /** What is to come, as a binary heap: the next is first. */
  readonly #heap: Event[] = []
  #scheduled = 0

  /** Lets so much time pass. */
  async pass(ms: number): Promise<void> {
    const until = this.now + ms
    await settle()
    for (let next = this.#heap[0]; next !== undefined && next.at <= until; next = this.#heap[0]) {
      this.#removeFirst()
      if (next.cancelled) continue
      this.now = Math.max(this.now, next.at)
      next.call()
      await settle()
    }
    this.now = until
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => this.#schedule(ms, resolve))
  }

  #schedule(ms: number, call: () => void): Timer {
    this.#scheduled += 1
    const event = {
      at: this.now + Math.max(MIN_DELAY_MS, ms),
      order: this.#scheduled,
      call,
      cancelled: false,
    }
    this.#add(event)
    return {
      cancel: () => {
        event.cancelled = true
      },
    }
  }

  #add(event: Event): void {
    const heap = this.#heap
    let at = heap.push(event) - 1
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (!isBefore(event, heap[parent])) break
      heap[at] = heap[parent] ?? event
      at = parent
    }
    heap[at] = event
  }

  #removeFirst(): void {
    const heap = this.#heap
    const last = heap.pop()
    if (last === undefined || heap.length === 0) return
    let at = 0
    for (;;) {
      const left = 2 * at + 1
      const child = isBefore(heap[left + 1], heap[left]) ? left + 1 : left
      if (!isBefore(heap[child], last)) break
      heap[at] = heap[child] ?? last
      at = child
    }
    heap[at] = last
  }
}

function isBefore(one: Event | undefined, other: Event | undefined): boolean {
  if (one === undefined || other === undefined) return one !== undefined
  return one.at < other.at || (one.at === other.at && one.order < other.order)
}

/** Lets everything run on that waits for nothing but its turn. */
const settle = () => new Promise((resolve) => setImmediate(resolve))
