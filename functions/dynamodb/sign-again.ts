import type { FinalizeHandler } from '@smithy/types'

/**
 * Signs and sends a request once more if DynamoDB says that its signature is expired or not valid yet. By then, the SDK
 * has set its clock by DynamoDB's. A second such error is thrown, since the clock is not the cause.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html
 */
export function signAgain<I extends object, O extends object>(
  next: FinalizeHandler<I, O>,
): FinalizeHandler<I, O> {
  return (args) =>
    next(args).catch((error: unknown) => {
      if (isOutOfTime(error)) return next(args)
      throw error
    })
}

/** Other signature errors have the same name; they mean that the credentials are wrong. */
function isOutOfTime(error: unknown): boolean {
  return (
    error instanceof Error &&
    error.name === 'InvalidSignatureException' &&
    /^Signature (expired|not yet current)/.test(error.message)
  )
}
