import type { RegionState } from './endpoint/breaker.ts'
import type { RequestCounts } from './endpoint/region.ts'
import type { FeedState } from './feed/feed-log.ts'

/**
 * The result of a lookup. `fresh`: from the cache. `revalidating`: from the cache, after the node stopped following and
 * before the app was revalidated. `read`: from the endpoint. `stale`: from the cache, because no region answered.
 * `unconfirmed`: from the cache, because the deletion of the app is not confirmed. `missing`: the app does not exist.
 * `unsendable`: the name is empty, too long or not UTF-8, so no app can have it. `throttled`: rejected by the rate limit
 * of unknown names. `unavailable`: the lookup failed.
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
 * The result of a revalidation: unchanged, changed, deleted (`gone`), or not found but not yet confirmed as deleted;
 * `failed`: the lookup failed.
 */
export type RevalidationOutcome = 'unchanged' | 'changed' | 'gone' | 'unconfirmed' | 'failed'

/** Counters and gauges. They contain no app, key or token. */
export type LookupStats = {
  /** Counters since the start. */
  readonly lookups: Readonly<Record<LookupOutcome, number>>
  /** Gauge: apps in the cache. */
  readonly knownApps: number
  /** Gauge: negative results and failures in the cache. */
  readonly negativeResults: number
  /** Gauge: how long ago the oldest app served in the last minute or two was last known to be current, in ms. */
  readonly oldestServedMs: number
  /** How apps are kept current. */
  readonly revalidation: {
    /** Whether changes are followed, and if not, why. */
    readonly feed: FeedState
    /** Gauge: the age of the newest heartbeat of the change feed; absent before the first. */
    readonly heartbeatAgeMs?: number
    /** Counter: hints received. */
    readonly hints: number
    /** Gauge: apps that are followed now. */
    readonly followedApps: number
    /** Gauge: apps that wait for revalidation. */
    readonly queueLength: number
    /** Counters of revalidations by their result. */
    readonly outcomes: Readonly<Record<RevalidationOutcome, number>>
  }
  /** Nearest first. `inUse` is true for at most one. */
  readonly regions: readonly {
    /** The URL without path and credentials: `https://lookup.example.com`. */
    readonly origin: string
    readonly state: RegionState
    readonly inUse: boolean
    /** Counters of exchanges by kind and outcome. */
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
  // Two windows, so that a scrape just after a change of windows still has the previous minute.
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
