/**
 * How a lookup ended. `fresh`: the cache knew the app. `read`: the endpoint did. `stale`: nobody answered, the
 * app was served from the last good answer. `doubtful`: the endpoint says that a known app is gone, which is not
 * believed yet. `missing`: there is no such app. `unsendable`: nor can there be (empty, too long, not UTF-8).
 * `throttled`: one of too many names that were never seen. `unavailable`: could not be known.
 */
export type LookupOutcome =
  | 'fresh'
  | 'read'
  | 'stale'
  | 'doubtful'
  | 'missing'
  | 'unsendable'
  | 'throttled'
  | 'unavailable'

/** `answering`: asked as usual. `failing`: only probed. `denied`: refuses the token, only probed. */
export type RegionState = 'answering' | 'failing' | 'denied'

/** What happened so far (counters) and how things stand (gauges). Holds no app, key or token. */
export type LookupStats = {
  /** Counters since the start. */
  readonly lookups: Readonly<Record<LookupOutcome, number>>
  /** Gauge: apps in the cache. */
  readonly knownApps: number
  /** Gauge: remembered misses and failures of names that are no known app's. */
  readonly rememberedMisses: number
  /** Gauge: the age in ms of the oldest answer served in the last minute or two, 0 if there was none. */
  readonly oldestServedMs: number
  /** Nearest first. `inUse` is true for at most one. */
  readonly regions: readonly {
    /** Where, without path and credentials: `https://lookup.example.com`. */
    readonly origin: string
    readonly state: RegionState
    readonly inUse: boolean
    /** Counters of exchanges by what came of them (the rows of the rules table), probes included. */
    readonly requests: Readonly<Record<string, number>>
  }[]
}

/** Counts how lookups end. */
export type LookupCounter = {
  readonly lookups: Readonly<Record<LookupOutcome, number>>
  /** @param readAt when the served app was read, if one was served */
  count(outcome: LookupOutcome, readAt?: number): void
  oldestServedMs(): number
}

const WINDOW_MS = 60_000

export function createLookupCounter(clock: () => number): LookupCounter {
  const lookups = {
    fresh: 0,
    read: 0,
    stale: 0,
    doubtful: 0,
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
    count(outcome, readAt) {
      lookups[outcome] += 1
      if (readAt === undefined) return
      turn()
      oldestMs = Math.max(oldestMs, clock() - readAt)
    },
    oldestServedMs() {
      turn()
      return Math.round(Math.max(oldestMs, oldestBeforeMs))
    },
  }
}
