import QuickLRU from 'quick-lru'
import { type Answer, type Failure, type Found, RULES, readAnswerFor } from './answer.ts'
import type { Cache, Reading } from './cache.ts'
import { AppLookupUnavailableError, type UnavailableCode } from './error.ts'
import { isSendable, type Kind, requestFor } from './question.ts'
import type { LookupHints, RateLimiter } from './rate-limiter.ts'
import type { AskLimits, RegionalAnswer, Regions } from './regions.ts'
import type { Log } from './settings.ts'
import type { LookupOutcome } from './stats.ts'

/** How a lookup ended: with a reading, with an error, or else with the knowledge that there is none. */
export type Result = {
  readonly outcome: LookupOutcome
  readonly reading?: Reading
  readonly error?: AppLookupUnavailableError
}
/** What is remembered of a lookup that failed. */
export type Remembered = Failure & { readonly until: number }

export type FinderOptions = {
  readonly cache: Cache<Remembered>
  readonly regions: Regions
  readonly limits: AskLimits
  readonly rateLimiter: RateLimiter
  readonly missTtlMs: number
  readonly clock: () => number
  readonly log: Log
}

/** How long a lookup waits for the next probe while no region answers; clients that are refused wait a second. */
const OUTAGE_WAIT_MS = 750
const LOG_AGAIN_MS = 60_000
/** Characters of an id or key in a log line. */
const MAX_LOGGED = 128

const codes: Readonly<Record<Failure['outcome'], UnavailableCode>> = {
  refused: 'request-refused',
  broken: 'app-broken',
  denied: 'token-refused',
  failed: 'endpoint-unavailable',
}

/** Finds an app in the cache or at the endpoint. The promise never rejects. */
export function createFinder(
  options: FinderOptions,
): (kind: Kind, name: string, hints?: LookupHints) => Promise<Result> {
  const { cache, regions, limits, rateLimiter, missTtlMs, clock, log } = options
  const underWay = { id: new Map<string, Promise<Result>>(), key: new Map<string, Promise<Result>>() }
  const loggedAt = new QuickLRU<string, number>({ maxSize: 1_000 })

  const unavailable = (failure: Failure, retryAfterMs = failure.retryAfterMs): Result => ({
    outcome: 'unavailable',
    error: new AppLookupUnavailableError(
      codes[failure.outcome],
      `it could not be known whether there is such an app: ${failure.reason}`,
      retryAfterMs === undefined ? {} : { retryAfterMs },
    ),
  })

  const withoutAnswer = (kind: Kind, name: string, failure: Failure, retryAfterMs?: number): Result => {
    const reading = RULES[failure.outcome].stale ? cache.fallback(kind, name, clock()) : undefined
    return reading === undefined ? unavailable(failure, retryAfterMs) : { outcome: 'stale', reading }
  }

  const remember = (kind: Kind, name: string, failure: Failure): Remembered => {
    const { remembered } = RULES[failure.outcome]
    const forMs = Math.max(remembered === 'miss TTL' ? missTtlMs : remembered, failure.retryAfterMs ?? 0)
    const kept = { ...failure, until: clock() + forMs }
    // While no region is in use it is the breaker that remembers, and it knows sooner when that has changed.
    if (regions.inUse() !== undefined) cache.failed(kind, name, kept, kept.until)
    return kept
  }

  const complain = (kind: Kind, name: string, { outcome, reason }: Failure) => {
    // A broken app needs somebody to repair it, so each has a line of its own.
    const what = outcome === 'broken' ? `${kind} ${JSON.stringify(name.slice(0, MAX_LOGGED))}` : outcome
    if (clock() - (loggedAt.get(what) ?? Number.NEGATIVE_INFINITY) < LOG_AGAIN_MS) return
    loggedAt.set(what, clock())
    if (outcome === 'refused') log('error', `the endpoint refuses a request of this package: ${reason}`)
    else if (outcome === 'broken')
      log('warn', `the app with ${what} can not be used: ${reason}; repair its item`)
    else log('warn', `a lookup failed: ${reason}`)
  }

  const conclude = (
    kind: Kind,
    name: string,
    known: Reading | undefined,
    asked: RegionalAnswer<Found>,
  ): Result => {
    const answer: Answer<Found> = asked.answer
    if (answer.outcome === 'found') {
      const readAt = asked.sentAt - answer.ageMs
      const value = answer.value === 'unchanged' ? known : answer.value
      if (value !== undefined)
        return { outcome: 'read', reading: cache.found(kind, name, { ...value, readAt }) }
    } else if (answer.outcome === 'not-found') {
      const kept = cache.notFound(kind, name, asked.sentAt - answer.ageMs, asked.isNearest, clock())
      return kept === undefined ? { outcome: 'missing' } : { outcome: 'doubtful', reading: kept }
    }
    const failure: Failure =
      'reason' in answer ? answer : { outcome: 'failed', reason: 'nothing to be unchanged' }
    complain(kind, name, failure)
    const { until } = remember(kind, name, failure)
    return withoutAnswer(kind, name, failure, until - clock())
  }

  const read = async (
    kind: Kind,
    name: string,
    hints: LookupHints | undefined,
    known: Reading | undefined,
  ): Promise<Result> => {
    if (regions.inUse() === undefined) {
      const reading = cache.fallback(kind, name, clock())
      if (reading !== undefined) return { outcome: 'stale', reading }
      if (!(await regions.whenInUse(OUTAGE_WAIT_MS))) return unavailable(regions.refusal())
    }
    if (known === undefined && !(await rateLimiter.admit(name, hints)))
      return {
        outcome: 'throttled',
        error: new AppLookupUnavailableError('too-many-unknown', 'too many unknown apps are asked for', {
          retryAfterMs: 1_000,
        }),
      }
    const request = requestFor(kind, name, known?.etag)
    const readAnswer = readAnswerFor(kind, name, known?.etag)
    return conclude(kind, name, known, await regions.ask(request, readAnswer, limits))
  }

  /** One read at a time for each name. */
  const readOnce = (kind: Kind, name: string, hints?: LookupHints, known?: Reading): Promise<Result> => {
    const same = underWay[kind].get(name)
    if (same !== undefined) {
      rateLimiter.askAgain(name, hints)
      return same
    }
    const result = read(kind, name, hints, known)
      .catch(
        (cause: unknown): Result => ({
          outcome: 'unavailable',
          error: new AppLookupUnavailableError('internal', 'the lookup broke', { cause }),
        }),
      )
      .finally(() => underWay[kind].delete(name))
    underWay[kind].set(name, result)
    return result
  }

  return async (kind, name, hints) => {
    const view = cache.view(kind, name, clock())
    switch (view.state) {
      case 'fresh':
        if (view.refresh && regions.inUse() !== undefined) void readOnce(kind, name, hints, view.reading)
        return { outcome: 'fresh', reading: view.reading }
      case 'doubtful':
        return { outcome: 'doubtful', reading: view.reading }
      case 'missing':
        return { outcome: 'missing' }
      case 'failed':
        return withoutAnswer(kind, name, view.failure, view.failure.until - clock())
      case 'expired':
        return readOnce(kind, name, hints, view.reading)
      case 'unknown':
        return isSendable(name) ? readOnce(kind, name, hints) : { outcome: 'unsendable' }
    }
  }
}
