import type { App } from './app.ts'
import type { Failure } from './endpoint/response.ts'
import { AppLookupUnavailableError, type UnavailableCode } from './error.ts'
import type { LookupOutcome } from './stats.ts'

/** The result of a lookup: an app, an error, or neither if the app does not exist. */
export type Result = {
  readonly outcome: LookupOutcome
  readonly app?: App
  /** When the app was last known to be current. */
  readonly validAt?: number
  readonly error?: AppLookupUnavailableError
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
