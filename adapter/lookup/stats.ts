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
