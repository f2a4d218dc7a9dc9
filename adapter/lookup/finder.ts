import type { App } from './app.ts'
import type { AppCache } from './cache/cache.ts'
import type { FailoverNegatives } from './cache/failover-negatives.ts'
import { type Entry, validAt } from './cache/store.ts'
import type { AskLimits, RegionalAnswer, Regions } from './endpoint/regions.ts'
import { type By, isSendable, requestFor } from './endpoint/request.ts'
import { type CachedFailure, type Failure, type Found, RULES, readAnswerFor } from './endpoint/response.ts'
import { AppLookupUnavailableError } from './error.ts'
import { logFailure } from './failure-log.ts'
import type { Feed } from './feed/feed.ts'
import type { RareLog } from './log.ts'
import type { LookupHints, RateLimiter } from './rate-limiter.ts'
import type { RevalidationQueue } from './refresh/queue.ts'
import { type Result, tooManyUnknown, unavailable } from './result.ts'
import type { LookupOutcome } from './stats.ts'

export type FinderOptions = {
  readonly cache: AppCache
  readonly regions: Regions
  readonly feed: Feed
  readonly queue: RevalidationQueue
  readonly limits: AskLimits
  readonly rateLimiter: RateLimiter
  readonly failoverNegatives: FailoverNegatives
  readonly negativeCacheTtlMs: number
  readonly clock: () => number
  readonly log: RareLog
}

/** An app as it was known when it was asked for: this is what "not modified" means. */
type Asked = { readonly app: App; readonly etag?: string | undefined }

/** How long a lookup waits for the next probe while no region answers; clients that are rejected wait a second. */
const OUTAGE_WAIT_MS = 750

/** Finds apps in the cache or at the endpoint. */
export class Finder {
  readonly #cache: AppCache
  readonly #regions: Regions
  readonly #feed: Feed
  readonly #queue: RevalidationQueue
  readonly #clock: () => number
  readonly #options: FinderOptions
  /** Lookups in flight: one at a time for each name. */
  readonly #inFlight: Readonly<Record<By, Map<string, Promise<Result>>>> = { id: new Map(), key: new Map() }

  constructor(options: FinderOptions) {
    this.#cache = options.cache
    this.#regions = options.regions
    this.#feed = options.feed
    this.#queue = options.queue
    this.#clock = options.clock
    this.#options = options
  }

  /** The promise never rejects. */
  async find(by: By, name: string, hints?: LookupHints): Promise<Result> {
    try {
      const result = await this.#find(by, name, hints)
      // Whoever presents a key gets into the app that is returned, so it is checked once more.
      if (result.app && result.app[by] !== name) throw new Error('another app')
      return result
    } catch (error) {
      return this.#defect(by, name, error)
    }
  }

  #find(by: By, name: string, hints: LookupHints | undefined): Result | Promise<Result> {
    const view = this.#cache.view(by, name, this.#clock())
    if ('entry' in view && this.#cache.use(view.entry, this.#clock())) this.#queue.wake()
    switch (view.state) {
      case 'expired':
        return this.#findExpired(by, name, view.entry)
      case 'failed':
        return this.#withoutAnswer(by, name, view.failure)
      case 'unknown':
        return isSendable(name) ? this.#readOnce(by, name, undefined, hints) : { outcome: 'unsendable' }
      case 'missing':
        return { outcome: 'missing' }
      default:
        return this.#served(view.state, view.entry)
    }
  }

  /** What the queue revalidates anyway is not asked for once more. */
  async #findExpired(by: By, name: string, entry: Entry): Promise<Result> {
    if (!this.#cache.isContested(by, name)) await this.#queue.join(entry.app.id)
    const view = this.#cache.view(by, name, this.#clock())
    if ('entry' in view && view.state !== 'expired') return this.#served(view.state, view.entry)
    return this.#readOnce(by, name, entry)
  }

  /** @param known the app that has this name, or had it a moment ago */
  #readOnce(
    by: By,
    name: string,
    known?: Entry,
    hints?: LookupHints,
    timeoutMs = this.#options.limits.timeoutMs,
  ): Promise<Result> {
    const joined = this.#inFlight[by].get(name)
    if (joined) {
      if (!known) this.#options.rateLimiter.askAgain(name, hints)
      return joined
    }
    const result = this.#read(by, name, known, hints, timeoutMs)
      .catch((error: unknown) => this.#defect(by, name, error))
      .finally(() => this.#inFlight[by].delete(name))
    this.#inFlight[by].set(name, result)
    return result
  }

  async #read(
    by: By,
    name: string,
    known: Entry | undefined,
    hints: LookupHints | undefined,
    timeoutMs: number,
  ): Promise<Result> {
    const regions = this.#regions
    if (!regions.inUse()) {
      const stale = this.#stale(by, name)
      if (stale) return stale
      if (!(await regions.whenInUse(OUTAGE_WAIT_MS))) return unavailable(regions.refusal())
    }
    if (!known && !(await this.#options.rateLimiter.admit(name, hints))) return tooManyUnknown()
    const asked = known?.app[by] === name ? { app: known.app, etag: known.etag } : undefined
    const etag = asked?.etag
    const endsAt = this.#clock() + timeoutMs
    const from = await regions.ask(requestFor(by, name, etag), readAnswerFor(by, name, etag), {
      ...this.#options.limits,
      timeoutMs,
    })
    return this.#conclude(by, name, asked, from, endsAt)
  }

  #conclude(
    by: By,
    name: string,
    asked: Asked | undefined,
    from: RegionalAnswer<Found>,
    endsAt: number,
  ): Result | Promise<Result> {
    const { answer } = from
    if ('reason' in answer) return this.#failed(by, name, answer)
    const readAt = from.sentAt - answer.ageMs
    if (answer.outcome === 'found') {
      const found = answer.value === 'unchanged' ? asked : answer.value
      return !found ? this.#failed(by, name, NOTHING_UNCHANGED) : this.#found(by, name, found, readAt)
    }
    return by === 'id'
      ? this.#idNotFound(name, asked, readAt, from)
      : this.#keyNotFound(name, asked, readAt, from, endsAt)
  }

  #found(by: By, name: string, found: Asked, readAt: number): Result {
    this.#options.failoverNegatives.forget(by, name)
    const entry = this.#cache.found(by, { ...found, readAt })
    if (entry?.app[by] !== name) return { outcome: 'read', app: found.app, validAt: readAt }
    this.#cache.use(entry, this.#clock())
    this.#queue.wake()
    return this.#served('read', entry)
  }

  #idNotFound(id: string, asked: Asked | undefined, readAt: number, from: RegionalAnswer<unknown>): Result {
    const { isNearest, region } = from
    const now = this.#clock()
    if (!this.#cache.isKnown(id, now) && !this.#isBelieved('id', id, readAt, from))
      return this.#unbelieved('id', id)
    const followed = this.#feed.followNegative('id', id, readAt, region)
    const { gone, retryAt } = this.#cache.idNotFound(
      id,
      { readAt, isNearest, consistent: false },
      now,
      followed,
    )
    const entry = this.#cache.peek(id)
    if (gone || !entry) return { outcome: 'missing' }
    if (asked) this.#queue.confirm(id, retryAt)
    return this.#served('unconfirmed', entry)
  }

  /**
   * The index lags behind the table, so each app that is known to have the key is read by its id, in the time that is
   * left. Only an app that still has the key is an answer.
   */
  async #keyNotFound(
    key: string,
    asked: Asked | undefined,
    readAt: number,
    from: RegionalAnswer<unknown>,
    endsAt: number,
  ): Promise<Result> {
    // An app that was unknown can have been read by its id in the meantime, while the index lags behind.
    let holder = asked ? this.#cache.peek(asked.app.id) : this.#cache.peekByKey(key)
    if (!holder && !this.#isBelieved('key', key, readAt, from)) return this.#unbelieved('key', key)
    for (const read = new Set<Entry>(); holder && !read.has(holder); holder = this.#cache.peekByKey(key)) {
      read.add(holder)
      const result = await this.#readOnce('id', holder.app.id, holder, undefined, endsAt - this.#clock())
      if (result.error || result.app?.key === key) return result
    }
    this.#cache.keyNotFound(key, readAt, this.#feed.followNegative('key', key, readAt, from.region))
    return { outcome: 'missing' }
  }

  #isBelieved(by: By, name: string, readAt: number, { isNearest, region }: RegionalAnswer<unknown>): boolean {
    if (isNearest || !region) return isNearest
    return this.#options.failoverNegatives.confirms(by, name, { region, readAt })
  }

  #unbelieved(by: By, name: string): Result {
    const { negativeCacheTtlMs } = this.#options
    this.#cache.failed(by, name, { ...LAGGING, until: this.#clock() + negativeCacheTtlMs })
    return unavailable({ ...LAGGING, retryAfterMs: negativeCacheTtlMs })
  }

  #failed(by: By, name: string, failure: Failure): Result {
    logFailure(this.#options.log, by, name, failure)
    return this.#withoutAnswer(by, name, this.#remember(by, name, failure))
  }

  #remember(by: By, name: string, failure: Failure): CachedFailure {
    const { cached } = RULES[failure.outcome]
    const ttlMs = cached === 'negative-cache TTL' ? this.#options.negativeCacheTtlMs : cached
    const kept = { ...failure, until: this.#clock() + Math.max(ttlMs, failure.retryAfterMs ?? 0) }
    // While no region is in use the circuit breaker knows sooner when that has changed.
    if (this.#regions.inUse()) this.#cache.failed(by, name, kept)
    return kept
  }

  #withoutAnswer(by: By, name: string, failure: CachedFailure): Result {
    const stale = RULES[failure.outcome].stale ? this.#stale(by, name) : undefined
    return stale ?? unavailable({ ...failure, retryAfterMs: failure.until - this.#clock() })
  }

  #stale(by: By, name: string): Result | undefined {
    const entry = this.#cache.staleIfError(by, name, this.#clock())
    return entry && this.#served('stale', entry)
  }

  #served(outcome: LookupOutcome, entry: Entry): Result {
    return { outcome, app: entry.app, validAt: validAt(entry, this.#clock()) }
  }

  #defect(by: By, name: string, cause: unknown): Result {
    this.#options.log.writeDefect('a lookup failed', cause)
    const error = new AppLookupUnavailableError('internal', 'the lookup failed by a defect', { cause })
    return this.#stale(by, name) ?? { outcome: 'unavailable', error }
  }
}

const NOTHING_UNCHANGED: Failure = { outcome: 'failed', reason: 'unchanged, but not known' }

const LAGGING: Failure = {
  outcome: 'failed',
  reason: 'only a region that may lag behind says that there is none',
}
