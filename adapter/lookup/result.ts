import type { App } from './app.ts'
import type { Failure } from './endpoint/response.ts'
import type { LookupOutcome } from './stats.ts'

/** The result of a lookup: an app, an error, or neither if the app does not exist. */
export type Result = {
  readonly outcome: LookupOutcome
  readonly app?: App
  /** When the app was last known to be current. */
  readonly validAt?: number
  readonly error?: AppLookupUnavailableError
}

/** Why a lookup failed. */
export type UnavailableCode =
  /** No region answers, or none with a usable response. */
  | 'endpoint-unavailable'
  /** Every region that answers rejects the token. */
  | 'token-refused'
  /** The item is not a valid app, or two apps have the key. */
  | 'app-broken'
  /** The endpoint rejects the request: a defect of this package. */
  | 'request-refused'
  /** The rate limit of unknown names was exceeded. */
  | 'too-many-unknown'
  /** `close()` was called. */
  | 'closed'
  /** A defect of this package; `cause` has it. */
  | 'internal'

/**
 * A lookup failed, so it is unknown whether the app exists. (`undefined` means that it does not exist.) The message
 * contains no app, no token and no value.
 *
 * Identify it by its `name`: a bundle can contain this class twice.
 */
export class AppLookupUnavailableError extends Error {
  override readonly name = 'AppLookupUnavailableError'
  readonly code: UnavailableCode
  /** When to try again, in whole ms from now; absent if unknown. */
  readonly retryAfterMs?: number

  constructor(
    code: UnavailableCode,
    message: string,
    options: { retryAfterMs?: number | undefined; cause?: unknown } = {},
  ) {
    super(message, options)
    this.code = code
    if (options.retryAfterMs !== undefined) this.retryAfterMs = Math.ceil(options.retryAfterMs)
  }
}

/** The others are `endpoint-unavailable`. */
const CODES: Readonly<Partial<Record<Failure['outcome'], UnavailableCode>>> = {
  refused: 'request-refused',
  broken: 'app-broken',
  denied: 'token-refused',
}

/** The result of a lookup that failed. */
export function unavailable({ outcome, reason, retryAfterMs }: Failure): Result {
  const message = `the lookup failed: ${reason}`
  const error = new AppLookupUnavailableError(CODES[outcome] ?? 'endpoint-unavailable', message, {
    retryAfterMs,
  })
  return { outcome: 'unavailable', error }
}

/** The result of a lookup that the rate limit of unknown names rejected. */
export function tooManyUnknown(): Result {
  const message = 'too many unknown apps are looked up'
  const error = new AppLookupUnavailableError('too-many-unknown', message, { retryAfterMs: 1_000 })
  return { outcome: 'throttled', error }
}
