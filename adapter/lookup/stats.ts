import type { RegionState } from './breaker.ts'
import type { FeedState } from './feed-log.ts'
import type { RequestCounts } from './region.ts'

/**
 * How a lookup ended. `fresh`: answered from the cache. `revalidating`: the same, while changes are not followed any
 * more and the app is about to be revalidated. `read`: answered by the endpoint. `stale`: no region answered, the last
 * good answer was served. `unconfirmed`: the endpoint says that a known app is gone, which is not confirmed yet.
 * `missing`: there is no such app. `unsendable`: nor can there be (empty, too long, not UTF-8). `throttled`: one of
 * too many names that were never seen. `unavailable`: could not be known.
 */
export type LookupOutcome =
  | 'fresh'
  | 'revalidating'
  | 'read'
  | 'stale'
  | 'unconfirmed'
  | 'missing'
  | 'unsendable'
  | 'throttled'
  | 'unavailable'

/**
 * What the revalidation of an app said: as it was, another than it was, gone, or not found but not yet believed to be
 * gone; `failed`: could not be known.
 */
export type RevalidationOutcome = 'unchanged' | 'changed' | 'gone' | 'unconfirmed' | 'failed'

/** What happened so far (counters) and how things stand (gauges). Holds no app, key or token. */
export type LookupStats = {
  /** Counters since the start. */
  readonly lookups: Readonly<Record<LookupOutcome, number>>
  /** Gauge: apps in the cache. */
  readonly knownApps: number
  /** Gauge: names in the cache that are no known app's: negative answers and failures. */
  readonly negativeAnswers: number
  /** Gauge: how long the oldest answer of the last minute or two had not been known to be current, in ms. */
  readonly oldestServedMs: number
  /** How apps are kept current. */
  readonly revalidation: {
    /** Whether changes are followed, and if not, why. */
    readonly feed: FeedState
    /** Gauge: how old the newest heartbeat of the change feed is; absent before the first. */
    readonly heartbeatAgeMs?: number
    /** Counter: hints heard. */
    readonly hints: number
    /** Gauge: apps that are followed now. */
    readonly followedApps: number
    /** Gauge: apps that are to be revalidated. */
    readonly queueLength: number
    /** Counters of apps by what their revalidation said. */
    readonly outcomes: Readonly<Record<RevalidationOutcome, number>>
  }
  /** Nearest first. `inUse` is true for at most one. */
  readonly regions: readonly {
    /** Where, without path and credentials: `https://lookup.example.com`. */
    readonly origin: string
    readonly state: RegionState
    readonly inUse: boolean
    /** Counters of exchanges by what they were for and what came of them (the rows of the rules table). */
    readonly requests: RequestCounts
  }[]
}

/** Counts how lookups end. */
export type LookupCounter = {
  readonly lookups: Readonly<Record<LookupOutcome, number>>
  /** @param validAt when the served app was last known to be current, if one was served */
  count(outcome: LookupOutcome, validAt?: number): void
  oldestServedMs(): number
}

const WINDOW_MS = 60_000

export function createLookupCounter(clock: () => number): LookupCounter {
  const lookups = {
    fresh: 0,
    revalidating: 0,
    read: 0,
    stale: 0,
    unconfirmed: 0,
    missing: 0,
    unsendable: 0,
    throttled: 0,
    unavailable: 0,
  }
  // Two windows, so that a scrape just after a turn still sees the minute before.
  let [startedAt, oldestMs, oldestBeforeMs] = [clock(), 0, 0]
  const turn = () => {
    const ageMs = clock() - startedAt
    if (ageMs < WINDOW_MS) return
    oldestBeforeMs = ageMs < 2 * WINDOW_MS ? oldestMs : 0
    oldestMs = 0
    startedAt = clock()
  }
  return {
    lookups,
    count(outcome, validAt) {
      lookups[outcome] += 1
      if (validAt === undefined) return
      turn()
      oldestMs = Math.max(oldestMs, clock() - validAt)
    },
    oldestServedMs() {
      turn()
      return Math.round(Math.max(oldestMs, oldestBeforeMs))
    },
  }
}
