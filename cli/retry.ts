import pRetry from 'p-retry'

/** DynamoDB's refusals of a request for its rate; nothing was read or written. */
export const THROTTLES: ReadonlySet<string> = new Set([
  'LimitExceededException',
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'ThrottlingException',
])

// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html
const TRANSIENT: ReadonlySet<string> = new Set([
  'EAI_AGAIN',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'InternalServerError',
  'ServiceUnavailable',
  'TimeoutError',
  'TransactionInProgressException',
])
const TRANSIENT_RETRIES = 5

/**
 * What `send` resolves to, asked again for about a minute while DynamoDB throttles, and a few seconds while it fails.
 *
 * @param stopped ends the waiting between two attempts, never an attempt: its outcome would not be known
 */
export function persist<T>(send: () => Promise<T>, stopped: AbortSignal): Promise<T> {
  return pRetry(send, {
    retries: 12,
    minTimeout: 100,
    maxTimeout: 10_000,
    randomize: true,
    signal: stopped,
    shouldRetry: ({ error, attemptNumber }) => {
      const { name, code } = error as Error & { code?: string }
      if (THROTTLES.has(name)) return true
      const isTransient = TRANSIENT.has(name) || (code !== undefined && TRANSIENT.has(code))
      return isTransient && attemptNumber <= TRANSIENT_RETRIES
    },
  })
}
