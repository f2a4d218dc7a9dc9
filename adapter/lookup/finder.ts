import type { App } from './app.ts'
import { type AppCache, isKnownApp, type KnownApp } from './cache/cache.ts'
import { type AppRecord, type CachedFailure, validAt } from './cache/record.ts'
import { logFailure } from './endpoint/failure-log.ts'
import { PAUSE_MS } from './endpoint/region.ts'
import {
  type AskLimits,
  MIN_ATTEMPT_MS,
  type RegionalResponse,
  type Regions,
  TIME_IS_OVER,
} from './endpoint/regions.ts'
import { type By, batchRequestFor, isPlain, isSendable, MAX_BATCH, requestFor } from './endpoint/request.ts'
import {
  type Failure,
  type FoundApp,
  failed,
  type ReadResponse,
  RULES,
  readBatchResponseFor,
  readResponseFor,
} from './endpoint/response.ts'
import type { Feed } from './feed/feed.ts'
import type { RareLog } from './log.ts'
import type { LookupHints, RateLimiter } from './rate-limiter.ts'
import type { RevalidationQueue } from './refresh/queue.ts'
import { AppLookupUnavailableError, type Result, tooManyUnknown, unavailable } from './result.ts'
import type { LookupOutcome } from './stats.ts'
import type { Timer, Timers } from './timers.ts'

export type FinderOptions = {
  readonly cache: AppCache
  readonly regions: Regions
  readonly feed: Feed
  readonly queue: RevalidationQueue
  readonly limits: AskLimits
  readonly rateLimiter: RateLimiter
  readonly timers: Timers
  readonly negativeCacheTtlMs: number
  readonly clock: () => number
  readonly log: RareLog
}

/** Finds apps in the cache or at the endpoint. Never rejects. */
export type Finder = {
  find(by: By, name: string, hints?: LookupHints): Promise<Result>
  /** Starts to read unknown keys in batches, past the rate limit; `find` joins them. Other than plain keys are left out. */
  readKeys(keys: readonly string[]): void
}

/** Asks for one name, as part of a batch. */
type Ask = () => Promise<RegionalResponse<FoundApp>>

/** An app as it was known when the request was sent: "not modified" refers to this. */
type Known = { readonly app: App; readonly etag?: string | undefined }

/** How long a lookup waits for the next probe while no region answers; clients that are rejected wait a second. */
const OUTAGE_WAIT_MS = 750

export function createFinder(options: FinderOptions): Finder {
  const { cache, regions, feed, queue, limits, rateLimiter, negativeCacheTtlMs, clock, timers, log } = options
  /** Lookups in flight: one at a time for each name. */
  const inFlight: Readonly<Record<By, Map<string, Promise<Result>>>> = { id: new Map(), key: new Map() }

  const find = (by: By, name: string, hints: LookupHints | undefined): Result | Promise<Result> => {
    const now = clock()
    const view = cache.view(by, name, now)
    if ('record' in view) cache.use(view.record, now)
    switch (view.state) {
      case 'expired':
        return findExpired(by, name, view.record)
      case 'failed':
        return staleOrUnavailable(by, name, view.failure)
      case 'unknown':
        return isSendable(name) ? readOnce(by, name, undefined, hints) : { outcome: 'unsendable' }
      case 'missing':
        return { outcome: 'missing' }
      default:
        return served(view.state, view.record)
    }
  }

  /** What the queue revalidates anyway is not asked for once more. */
  const findExpired = async (by: By, name: string, record: KnownApp): Promise<Result> => {
    if (!cache.isContested(by, name)) await queue.join(record)
    const view = cache.view(by, name, clock())
    if ('record' in view && view.state !== 'expired') return served(view.state, view.record)
    return readOnce(by, name, record)
  }

  /** @param record the app that has this name, or had it a moment ago */
  const readOnce = (
    by: By,
    name: string,
    record?: AppRecord,
    hints?: LookupHints,
    timeoutMs = limits.timeoutMs,
    ask?: Ask,
  ): Promise<Result> => {
    const joined = inFlight[by].get(name)
    if (joined) {
      if (!record) rateLimiter.askAgain(name)
      return joined
    }
    const result = read(by, name, record, hints, timeoutMs, ask)
      .catch((error: unknown) => defect(by, name, error))
      .finally(() => inFlight[by].delete(name))
    inFlight[by].set(name, result)
    return result
  }

  const read = async (
    by: By,
    name: string,
    record: AppRecord | undefined,
    hints: LookupHints | undefined,
    timeoutMs: number,
    ask?: Ask,
  ): Promise<Result> => {
    const endsAt = clock() + timeoutMs
    if (!regions.inUse()) {
      const result = stale(by, name)
      if (result) return result
      if (!(await regions.whenInUse(OUTAGE_WAIT_MS))) return unavailable(regions.refusal())
    }
    if (ask) return conclude(by, name, undefined, await ask(), endsAt)
    // An attempt needs time, too.
    const maxWaitMs = Math.max(0, endsAt - clock() - MIN_ATTEMPT_MS)
    if (!record && !(await rateLimiter.admit(name, hints, maxWaitMs))) return tooManyUnknown()
    const known = record?.app?.[by] === name ? { app: record.app, etag: record.etag } : undefined
    const request = requestFor(by, name, known?.etag)
    const from = await regions.ask(request, readResponseFor(by, name, known?.etag), {
      ...limits,
      timeoutMs: endsAt - clock(),
    })
    return conclude(by, name, known, from, endsAt)
  }

  const conclude = (
    by: By,
    name: string,
    known: Known | undefined,
    from: RegionalResponse<FoundApp>,
    endsAt: number,
  ): Result | Promise<Result> => {
    const { response } = from
    if ('reason' in response) return afterFailure(by, name, response)
    const readAt = from.sentAt - response.ageMs
    if (response.outcome === 'not-found')
      return by === 'id'
        ? idNotFound(name, known, readAt, from)
        : keyNotFound(name, known, readAt, from, endsAt)
    const app = response.value === 'unchanged' ? known : response.value
    if (!app) return afterFailure(by, name, NOTHING_UNCHANGED)
    const record = cache.found(by, { ...app, readAt }, undefined, from.isNearest)
    if (record?.app[by] !== name) return { outcome: 'read', app: app.app, validAt: readAt }
    cache.use(record, clock())
    return served('read', record)
  }

  const idNotFound = (
    id: string,
    known: Known | undefined,
    readAt: number,
    from: RegionalResponse<unknown>,
  ): Result => {
    const { isNearest, region } = from
    const now = clock()
    if (!cache.isKnown(id, now) && !isConfirmed('id', id, readAt, from)) return notConfirmed('id', id)
    const followed = feed.followNegative('id', id, readAt, region)
    const { gone } = cache.idNotFound(id, { readAt, isNearest, consistent: false }, now, followed)
    const record = cache.peek('id', id)
    if (gone || !record || !isKnownApp(record)) return { outcome: 'missing' }
    if (known) queue.confirm(record)
    return served('unconfirmed', record)
  }

  /**
   * The index lags behind the table, so each app that is known to have the key is read by its id, in the time that is
   * left. Only an app that still has the key is a result.
   */
  const keyNotFound = async (
    key: string,
    known: Known | undefined,
    readAt: number,
    from: RegionalResponse<unknown>,
    endsAt: number,
  ): Promise<Result> => {
    let holder = known ? cache.peek('id', known.app.id) : cache.peek('key', key)
    if (!holder && !isConfirmed('key', key, readAt, from)) return notConfirmed('key', key)
    for (const tried = new Set<AppRecord>(); holder && !tried.has(holder); holder = cache.peek('key', key)) {
      tried.add(holder)
      const result = await readOnce('id', holder.id, holder, undefined, endsAt - clock())
      if (result.error || result.app?.key === key) return result
    }
    cache.keyNotFound(key, readAt, feed.followNegative('key', key, readAt, from.region))
    return { outcome: 'missing' }
  }

  const isConfirmed = (
    by: By,
    name: string,
    readAt: number,
    { isNearest, region }: RegionalResponse<unknown>,
  ) => (isNearest || !region ? isNearest : cache.confirmsAbsence(by, name, { region, readAt }))

  const notConfirmed = (by: By, name: string): Result => {
    const now = clock()
    cache.failed(by, name, { failure: LAGGING, failedAt: now, until: now + negativeCacheTtlMs })
    return unavailable({ ...LAGGING, retryAfterMs: negativeCacheTtlMs })
  }

  const afterFailure = (by: By, name: string, failure: Failure): Result => {
    logFailure(log, by, name, failure)
    const { cachedMs: ttlMs = negativeCacheTtlMs } = RULES[failure.outcome]
    const failedAt = clock()
    const remembered = { failure, failedAt, until: failedAt + Math.max(ttlMs, failure.retryAfterMs ?? 0) }
    // While no region is in use the circuit breaker knows sooner when that has changed.
    if (regions.inUse()) cache.failed(by, name, remembered)
    return staleOrUnavailable(by, name, remembered)
  }

  const staleOrUnavailable = (by: By, name: string, { failure, until }: CachedFailure): Result => {
    const result = RULES[failure.outcome].stale ? stale(by, name) : undefined
    return result ?? unavailable({ ...failure, retryAfterMs: until - clock() })
  }

  const stale = (by: By, name: string): Result | undefined => {
    const record = cache.staleIfError(by, name, clock())
    return record && served('stale', record)
  }

  const served = (outcome: LookupOutcome, record: KnownApp): Result => ({
    outcome,
    app: record.app,
    validAt: validAt(record, clock()),
  })

  const defect = (by: By, name: string, cause: unknown): Result => {
    log.writeDefect('a lookup failed', cause)
    const error = new AppLookupUnavailableError('internal', 'the lookup failed by a defect', { cause })
    return stale(by, name) ?? { outcome: 'unavailable', error }
  }

  /** Each caller has its own deadline, whether it waits for a batch, the rate limit or a request of another caller. */
  const withDeadline = (by: By, name: string, result: Promise<Result>): Promise<Result> =>
    new Promise((resolve, reject) => {
      let tooLate: Timer
      const wait = () => {
        const startedAt = clock()
        tooLate = timers.after(limits.timeoutMs, () => {
          if (clock() - startedAt > limits.timeoutMs + PAUSE_MS) wait()
          else resolve(stale(by, name) ?? unavailable(TIME_IS_OVER))
        })
      }
      wait()
      result.then(resolve, reject).finally(() => tooLate.cancel())
    })

  const readKeys = (keys: readonly string[]) => {
    const isUnknown = (key: string) =>
      isPlain(key) && !inFlight.key.has(key) && cache.view('key', key, clock()).state === 'unknown'
    const unknown = keys.filter(isUnknown)
    while (unknown.length > 0) {
      const items = unknown.splice(0, MAX_BATCH).map((key) => ({ key }))
      const batch = regions.ask(batchRequestFor(items, false), readBatchResponseFor(items), limits)
      for (const [i, { key }] of items.entries())
        void readOnce('key', key, undefined, undefined, limits.timeoutMs, async () => {
          const from = await batch
          // A batch has a result for each item, or is a failure.
          const response = 'value' in from.response ? from.response.value[i] : from.response
          return { ...from, response: response as ReadResponse<FoundApp> }
        })
    }
  }

  const findInTime: Finder['find'] = async (by, name, hints) => {
    try {
      const found = find(by, name, hints)
      const result = found instanceof Promise ? await withDeadline(by, name, found) : found
      // Whoever presents a key gets into the app that is returned, so it is checked once more.
      if (result.app && result.app[by] !== name) throw new Error('another app')
      return result
    } catch (error) {
      return defect(by, name, error)
    }
  }

  return { find: findInTime, readKeys }
}

const NOTHING_UNCHANGED = failed('unchanged, but not known')

const LAGGING = failed('only a region that may lag behind says that there is none')
