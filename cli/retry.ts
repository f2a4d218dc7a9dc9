import { setTimeout } from 'node:timers/promises'

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
])
// A new table's backups can't be set for a while.
const PENDING = 'ContinuousBackupsUnavailableException'

const MAX_THROTTLED_ATTEMPTS = 14
const MAX_FAILED_ATTEMPTS = 5
const FIRST_DELAY_MS = 50
const MAX_DELAY_MS = 10_000

/**
 * What `send` resolves to, asked again for about a minute while DynamoDB throttles, and a few seconds while it fails.
 *
 * @param stopped ends the waiting between two attempts, with the last one's error, and never an attempt: its outcome
 * would not be known, and retry libraries drop a result that comes after an abort
 */
export async function persist<T>(send: () => Promise<T>, stopped: AbortSignal): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await send()
    } catch (error) {
      if (stopped.aborted || attempt >= maxAttempts(error)) throw error
      // Half to the whole of a delay that doubles, so that those who were throttled together come apart.
      const delayMs = Math.min(MAX_DELAY_MS, FIRST_DELAY_MS * 2 ** attempt) * (0.5 + Math.random() / 2)
      await setTimeout(delayMs, undefined, { signal: stopped }).catch(() => {
        throw error
      })
    }
  }
}

function maxAttempts(error: unknown): number {
  const { name, code } = error as Error & { code?: string }
  if (THROTTLES.has(name) || name === PENDING) return MAX_THROTTLED_ATTEMPTS
  return TRANSIENT.has(name) || (code !== undefined && TRANSIENT.has(code)) ? MAX_FAILED_ATTEMPTS : 1
}
