import { setTimeout } from 'node:timers/promises'

/** The names of DynamoDB's throttling errors. After such an error, nothing was read or written. */
export const THROTTLING_ERRORS: ReadonlySet<string> = new Set([
  'LimitExceededException',
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'ThrottlingException',
])

// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html
const TRANSIENT_ERRORS: ReadonlySet<string> = new Set([
  'EAI_AGAIN',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'InternalServerError',
  'ServiceUnavailable',
  'TimeoutError',
])
// Backups of a new table can't be configured at once.
const PENDING = 'ContinuousBackupsUnavailableException'

const MAX_THROTTLED_ATTEMPTS = 14
const MAX_FAILED_ATTEMPTS = 5
const FIRST_DELAY_MS = 50
const MAX_DELAY_MS = 10_000

/**
 * Retries `send` with exponential backoff: for about a minute while DynamoDB throttles, a few seconds while it fails.
 *
 * @param stopped ends the delay between two attempts with the last error. It never aborts an attempt, because the
 * outcome of a write would be unknown; retry libraries drop a result that arrives after an abort.
 */
export async function withRetries<T>(send: () => Promise<T>, stopped: AbortSignal): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await send()
    } catch (error) {
      if (stopped.aborted || attempt >= maxAttempts(error)) throw error
      // Jitter, so that clients that were throttled together don't retry in lockstep.
      const delayMs = Math.min(MAX_DELAY_MS, FIRST_DELAY_MS * 2 ** attempt) * (0.5 + Math.random() / 2)
      await setTimeout(delayMs, undefined, { signal: stopped }).catch(() => {
        throw error
      })
    }
  }
}

function maxAttempts(error: unknown): number {
  const { name, code } = error as Error & { code?: string }
  if (THROTTLING_ERRORS.has(name) || name === PENDING) return MAX_THROTTLED_ATTEMPTS
  return TRANSIENT_ERRORS.has(name) || (code !== undefined && TRANSIENT_ERRORS.has(code))
    ? MAX_FAILED_ATTEMPTS
    : 1
}
