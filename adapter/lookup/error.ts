/** Why it could not be known whether there is such an app. */
export type UnavailableCode =
  /** No region answers, or none gave an answer that can be used. */
  | 'endpoint-unavailable'
  /** Every region that answers refuses the token. */
  | 'token-refused'
  /** The endpoint found an item that can't be an app, or two apps with one key. */
  | 'app-broken'
  /** The endpoint says that the request breaks its contract: a defect of this package. */
  | 'request-refused'
  /** More names that were never seen than may be asked for in a second. */
  | 'too-many-unknown'
  /** `close()` was called. */
  | 'closed'
  /** A defect of this package; `cause` has it. */
  | 'internal'

/**
 * It could not be known whether there is such an app. Never the same as `undefined`, which means that there is
 * none. The message names no app, no token and no value.
 *
 * Recognise it by its `name`: a bundle may hold this class twice.
 */
export class AppLookupUnavailableError extends Error {
  override readonly name = 'AppLookupUnavailableError'
  readonly code: UnavailableCode
  /** When it is worth asking again, in whole ms from now; absent when nothing is known about that. */
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
