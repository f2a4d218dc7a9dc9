/** Why a lookup gave no answer. A missing app is none of these: it is a value (`undefined`), known to be true. */
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

/** What the log may tell beside the code: public ids and keys, and names, never values of an item. */
export type ErrorFacts = Readonly<Record<string, string | number | undefined>>

/**
 * A lookup that could not be answered.
 *
 * `message` is for the caller: it names what is wrong and holds no value of an item. `facts` and `cause` are
 * for the log alone.
 */
export class LookupError extends Error {
  override readonly name = 'LookupError'
  readonly code: ErrorCode
  readonly facts: ErrorFacts

  constructor(code: ErrorCode, message: string, options: { facts?: ErrorFacts; cause?: unknown } = {}) {
    super(message, { cause: options.cause })
    this.code = code
    this.facts = options.facts ?? {}
  }
}
