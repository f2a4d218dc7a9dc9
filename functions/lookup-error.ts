/** Why a lookup failed. A missing app is not a failure: it is the value `undefined`. */
export type ErrorCode =
  | 'invalid-request'
  | 'body-too-large'
  | 'unsupported-media-type'
  | 'app-malformed'
  | 'app-key-not-unique'
  | 'store-throttled'
  | 'store-unavailable'
  | 'store-misconfigured'
  | 'scope-too-narrow'
  | 'cursor-expired'
  | 'feed-unavailable'
  | 'internal'

/** Fields for the log beside the code: public ids and keys, and names; never values of an item. */
export type ErrorLogFields = Readonly<Record<string, string | number | undefined>>

/**
 * A lookup that failed.
 *
 * `message` is for the caller: it names what is wrong and contains no value of an item. `logFields` and `cause` are
 * for the log only.
 */
export class LookupError extends Error {
  override readonly name = 'LookupError'
  readonly code: ErrorCode
  readonly logFields: ErrorLogFields

  constructor(
    code: ErrorCode,
    message: string,
    options: { logFields?: ErrorLogFields; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause })
    this.code = code
    this.logFields = options.logFields ?? {}
  }
}
