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
