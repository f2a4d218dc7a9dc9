import type { Failure } from './answer.ts'
import type { App } from './app.ts'
import { AppLookupUnavailableError, type UnavailableCode } from './error.ts'
import type { LookupOutcome } from './stats.ts'

/** How a lookup ended: with an app, with an error, or else with the knowledge that there is none. */
export type Result = {
  readonly outcome: LookupOutcome
  readonly app?: App
  /** The last moment at which the app is known to have been so. */
  readonly validAt?: number
  readonly error?: AppLookupUnavailableError
}

const CODES: Readonly<Record<Failure['outcome'], UnavailableCode>> = {
  refused: 'request-refused',
  broken: 'app-broken',
  denied: 'token-refused',
  failed: 'endpoint-unavailable',
  'no-feed': 'endpoint-unavailable',
}

/** It could not be known, because of this failure. */
export function unavailable({ outcome, reason, retryAfterMs }: Failure): Result {
  const message = `it could not be known whether there is such an app: ${reason}`
  const error = new AppLookupUnavailableError(CODES[outcome], message, { retryAfterMs })
  return { outcome: 'unavailable', error }
}

/** The lookup was not sent: too many apps are looked up that are not known. */
export function tooManyUnknown(): Result {
  const message = 'too many unknown apps are looked up'
  const error = new AppLookupUnavailableError('too-many-unknown', message, { retryAfterMs: 1_000 })
  return { outcome: 'throttled', error }
}
