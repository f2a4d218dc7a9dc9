import { createLruMap } from './lru-map.ts'
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

/** Limits lookups of unknown names, because anyone can open a WebSocket with any key. */
export type RateLimiter = {
  /** Resolves to whether the name can be looked up: at once, or after at most `maxMs`. */
  admit(name: string, hints: LookupHints | undefined, maxMs: number): Promise<boolean>
  /** Another request for a name that may be waiting: it goes first, as clients repeat a name and scanners do not. */
  askAgain(name: string): void
  /** Rejects all that wait. */
  close(): void
}

/**
 * The part of the bucket that is left to names that are more likely to be an app's. Likely: rejected before or asked for
 * twice, with a quiet source or a signed request. Unlikely: of an unusual form, or with a request that must be signed and is
 * not.
 */
const LIKELY = 0
const NORMAL = 0.25
const UNLIKELY = 0.75

/** A name that waits. */
type Waiting = {
  readonly name: string
  readonly reserve: number
  readonly until: number
  readonly settle: (isAdmitted: boolean) => void
}

/** There is room for the names that can be admitted in this time. */
const QUEUE_MS = 2_000
/** A source is quiet up to this many unknown names in a window. */
const QUIET_NAMES = 20
const WINDOW_MS = 10_000
const MAX_REMEMBERED = 10_000
/** The usual form of ids and keys. */
const USUAL_NAME = /^[A-Za-z0-9._~-]{1,64}$/

/** A token bucket of one second, with a queue in which likely names go first. */
export function createRateLimiter({ lookupsPerSecond, clock, timers }: RateLimiterOptions): RateLimiter {
  const rejected = createLruMap<string, true>(MAX_REMEMBERED)
  const sources = createLruMap<string, { readonly startedAt: number; names: number }>(MAX_REMEMBERED)
  const room = Math.ceil((lookupsPerSecond * QUEUE_MS) / 1000)
  /** The likely ones first, equal ones by age. */
  let queue: Waiting[] = []
  let tokens = lookupsPerSecond
  let refilledAt = clock()
  let timer: Timer | undefined

  const isQuiet = (source: string): boolean => {
    const now = clock()
    let window = sources.use(source)
    if (!window || now - window.startedAt >= WINDOW_MS) {
      window = { startedAt: now, names: 0 }
      sources.set(source, window)
    }
    window.names += 1
    return window.names <= QUIET_NAMES
  }
  const reserveFor = (name: string, { source, isSigned }: LookupHints): number => {
    const hasQuietSource = source !== undefined && isQuiet(source)
    if (!USUAL_NAME.test(name)) return UNLIKELY
    if (hasQuietSource || isSigned || rejected.peek(name)) return LIKELY
    return isSigned === false ? UNLIKELY : NORMAL
  }

  const enqueue = (waiting: Waiting) => {
    const index = queue.findIndex(({ reserve }) => reserve > waiting.reserve)
    queue.splice(index < 0 ? queue.length : index, 0, waiting)
    serve()
  }

  const tokensFor = ({ reserve }: Waiting) => Math.min(lookupsPerSecond, 1 + reserve * lookupsPerSecond)

  /** Admits and rejects names, and runs again when there is a token for the first one, or a wait ends. */
  const serve = () => {
    const now = clock()
    tokens = Math.min(lookupsPerSecond, tokens + ((now - refilledAt) / 1000) * lookupsPerSecond)
    refilledAt = now
    const waiting = queue
    queue = []
    for (const one of waiting) {
      if (tokens >= tokensFor(one)) {
        tokens -= 1
        rejected.delete(one.name)
        one.settle(true)
      } else if (one.until > now && queue.length < room) queue.push(one)
      else {
        if (USUAL_NAME.test(one.name)) rejected.set(one.name, true)
        one.settle(false)
      }
    }
    timer?.cancel()
    const [first] = queue
    if (!first) return
    const tokenInMs = ((tokensFor(first) - tokens) / lookupsPerSecond) * 1000
    const endInMs = Math.min(...queue.map(({ until }) => until)) - now
    timer = timers.after(Math.max(1, Math.ceil(Math.min(tokenInMs, endInMs))), serve)
  }

  return {
    admit: (name, hints = {}, maxMs) =>
      new Promise((settle) =>
        enqueue({ name, reserve: reserveFor(name, hints), until: clock() + maxMs, settle }),
      ),

    askAgain(name) {
      const index = queue.findIndex((waiting) => waiting.name === name)
      const [waiting] = index < 0 ? [] : queue.splice(index, 1)
      if (waiting) enqueue({ ...waiting, reserve: USUAL_NAME.test(name) ? LIKELY : UNLIKELY })
    },

    close() {
      timer?.cancel()
      for (const { settle } of queue.splice(0)) settle(false)
    },
  }
}
