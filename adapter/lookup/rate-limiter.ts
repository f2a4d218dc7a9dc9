import { LruMap } from './lru-map.ts'
import { SourceCounter } from './source-counter.ts'
import type { Timer, Timers } from './timers.ts'

/**
 * What is known about a request before its app is. Every hint can be forged, so hints only decide which unknown names
 * are looked up first.
 */
export type LookupHints = {
  /** The origin of the request, such as the client's address. A source with few unknown names goes first. */
  readonly source?: string | undefined
  /** Whether the request looks signed, which can't be verified without the app's secret; absent if it has no signature. */
  readonly isSigned?: boolean | undefined
}

export type RateLimiterOptions = {
  readonly lookupsPerSecond: number
  readonly clock: () => number
  readonly timers: Timers
}

/** A name that waits. */
type Waiting = {
  readonly name: string
  readonly priority: number
  readonly until: number
  readonly settle: (isAdmitted: boolean) => void
}

/** With the longest lookup, this is less than the 10 s for which Pusher clients wait. */
const MAX_WAIT_MS = 4_000
/** The queue has room for the names that can be admitted in this time; names that come later can go first. */
const QUEUE_MS = 2_000
/** How many rejected names are remembered, to go first when they are repeated. */
const MAX_REJECTED = 10_000
/** The usual form of ids and keys. */
const USUAL_NAME = /^[A-Za-z0-9._~-]{1,64}$/

/**
 * Limits lookups of unknown names, because anyone can open a WebSocket with any key.
 *
 * It is a token bucket of one second with a priority queue. Part of the bucket is reserved for higher priorities. When
 * the queue is full, its last name is rejected.
 */
export class RateLimiter {
  readonly #options: RateLimiterOptions
  readonly #sources: SourceCounter
  readonly #rejected = new LruMap<string, true>(MAX_REJECTED)
  /** By priority, equal ones by age. */
  readonly #queue: Waiting[] = []
  #tokens: number
  #refilledAt: number
  #timer: Timer | undefined

  constructor(options: RateLimiterOptions) {
    this.#options = options
    this.#sources = new SourceCounter(options.clock)
    this.#tokens = options.lookupsPerSecond
    this.#refilledAt = options.clock()
  }

  /** Resolves to whether the name can be looked up, immediately or after at most 4 s. */
  admit(name: string, hints: LookupHints = {}): Promise<boolean> {
    const priority = this.#priorityOf(name, hints, this.#rejected.peek(name) === true)
    const until = this.#options.clock() + MAX_WAIT_MS
    return new Promise((settle) => this.#enqueue({ name, priority, until, settle }))
  }

  /** Another request for a name that may be waiting raises its priority. */
  askAgain(name: string, hints: LookupHints = {}): void {
    const index = this.#queue.findIndex((waiting) => waiting.name === name)
    const [waiting] = index < 0 ? [] : this.#queue.splice(index, 1)
    if (waiting !== undefined)
      this.#enqueue({ ...waiting, priority: Math.max(waiting.priority, this.#priorityOf(name, hints, true)) })
  }

  /** Rejects all that wait. */
  close(): void {
    this.#timer?.cancel()
    for (const { settle } of this.#queue.splice(0)) settle(false)
  }

  /** Clients retry with the same name, whereas invented names are usually not repeated. */
  #priorityOf(name: string, { source, isSigned }: LookupHints, isRepeated: boolean): number {
    let priority = 0
    if (isSigned !== undefined) priority += isSigned ? 1 : -1
    if (source !== undefined && this.#sources.count(source)) priority += 1
    if (isRepeated) priority += 1
    if (!USUAL_NAME.test(name)) priority -= 1
    return priority
  }

  #enqueue(waiting: Waiting): void {
    const index = this.#queue.findIndex(({ priority }) => priority < waiting.priority)
    this.#queue.splice(index < 0 ? this.#queue.length : index, 0, waiting)
    this.#serve()
  }

  /** Admits and rejects names, and runs again when there is a token for the first one, or a wait ends. */
  #serve(): void {
    const { clock, lookupsPerSecond, timers } = this.#options
    const now = clock()
    const refill = ((now - this.#refilledAt) / 1000) * lookupsPerSecond
    this.#tokens = Math.min(lookupsPerSecond, this.#tokens + refill)
    this.#refilledAt = now

    const room = Math.ceil((lookupsPerSecond * QUEUE_MS) / 1000)
    for (const waiting of this.#queue.splice(0)) {
      if (this.#tokens >= this.#tokensNeeded(waiting)) this.#admit(waiting)
      else if (waiting.until > now && this.#queue.length < room) this.#queue.push(waiting)
      else this.#reject(waiting)
    }

    this.#timer?.cancel()
    const [first] = this.#queue
    if (first === undefined) return
    const tokenInMs = ((this.#tokensNeeded(first) - this.#tokens) / lookupsPerSecond) * 1000
    const endInMs = Math.min(...this.#queue.map(({ until }) => until)) - now
    this.#timer = timers.after(Math.max(1, Math.ceil(Math.min(tokenInMs, endInMs))), () => this.#serve())
  }

  /** Three quarters of the bucket are reserved for normal and high priorities, a quarter for high ones. */
  #tokensNeeded({ priority }: Waiting): number {
    const { lookupsPerSecond } = this.#options
    const reserve = priority < 0 ? 0.75 : priority === 0 ? 0.25 : 0
    return Math.min(lookupsPerSecond, 1 + reserve * lookupsPerSecond)
  }

  #admit({ name, settle }: Waiting): void {
    this.#tokens -= 1
    this.#rejected.delete(name)
    settle(true)
  }

  #reject({ name, settle }: Waiting): void {
    if (USUAL_NAME.test(name)) this.#rejected.set(name, true)
    settle(false)
  }
}
