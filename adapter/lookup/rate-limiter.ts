import { LruMap } from './lru-map.ts'
import { SourceCounter } from './source-counter.ts'
import type { Timer, Timers } from './timers.ts'

/**
 * What is known of a request before its app is known. Each hint can be faked, so hints only decide which of the unknown
 * names are looked up first.
 */
export type LookupHints = {
  /** Where the request came from, such as a client's address. A source that asks for few unknown names goes first. */
  readonly source?: string | undefined
  /** Whether the request is signed, as far as that can be told without the app's secret; absent if nothing is signed. */
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

/** With the longest lookup after it, still less than the 10 s after which Pusher clients give up. */
const MAX_WAIT_MS = 4_000
/** In the queue are the names that can be admitted within this time; the rest of the wait is for what comes in between. */
const QUEUE_MS = 2_000
/** How many rejected names are kept, so that they go first when they are asked for again. */
const MAX_REJECTED = 10_000
/** What ids and keys look like nearly always. */
const USUAL_NAME = /^[A-Za-z0-9._~-]{1,64}$/

/**
 * Decides which names that belong to no known app are looked up: anybody can open a WebSocket with any key.
 *
 * A token bucket of one second, and a queue by priority. A name of low priority leaves part of the bucket to others. When
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

  /** Resolves to whether the name may be looked up: at once, or when its turn comes, after 4 s at most. */
  admit(name: string, hints: LookupHints = {}): Promise<boolean> {
    const priority = this.#priorityOf(name, hints, this.#rejected.peek(name) === true)
    const until = this.#options.clock() + MAX_WAIT_MS
    return new Promise((settle) => this.#enqueue({ name, priority, until, settle }))
  }

  /** Somebody else asks for a name that may be waiting: then it goes further to the front. */
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

  /** Names that are asked for again are those of clients that try again; a name that is made up is asked for once. */
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

  /** Admits and rejects who can be, and comes back when there is a token for the first one, or somebody's time is over. */
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

  /** A low priority leaves three quarters of the bucket to others, a normal one a quarter, a high one nothing. */
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
