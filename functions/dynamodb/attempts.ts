import type { HttpRequest } from '@smithy/types'
import { DeadlineError, type Exchange, type WireResponse } from './exchange.ts'
import { isThrottle } from './store-error.ts'
import { validateResponse } from './validate-response.ts'

/** One call to DynamoDB: the epoch time in ms at which it ends, and how many attempts were made. */
export type Call = { readonly deadline: number; attempts: number }

/** The outcome of an attempt; `isFinal` if another attempt would have the same. */
type Outcome =
  | { readonly response: WireResponse; readonly isFinal: boolean }
  | { readonly error: unknown; readonly isFinal: false }

/**
 * Sends a request up to `maxAttempts` times, until it succeeds or the deadline passes. Attempts of the same call with an
 * earlier request count too, but one attempt is always left.
 *
 * There is no retry quota, because an outage would exhaust it. The `Retry-After` of a throttled response is ignored,
 * because it is longer than callers wait.
 *
 * @returns the response, or an error response, which the SDK turns into an exception
 * @throws the error of the last attempt, or of the one before if the deadline ended the last one
 */
export async function sendWithRetries(
  exchange: Exchange,
  request: HttpRequest,
  call: Call,
  maxAttempts: number,
): Promise<WireResponse> {
  let outcome: Outcome | undefined
  while (outcome === undefined || call.attempts < maxAttempts) {
    const waitMs = outcome ? backoffMs(call.attempts) : 0
    if (Date.now() + waitMs >= call.deadline) break
    if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs))
    call.attempts += 1
    const next = await attempt(exchange, request, call.deadline)
    if (next.isFinal) return next.response
    const wasCutShort = 'error' in next && next.error instanceof DeadlineError
    if (!outcome || !wasCutShort) outcome = next
  }
  if (outcome && 'response' in outcome) return outcome.response
  throw outcome?.error ?? new DeadlineError()
}

async function attempt(exchange: Exchange, request: HttpRequest, deadline: number): Promise<Outcome> {
  try {
    const response = await exchange.send(request, deadline)
    if (response.statusCode >= 300) return { response, isFinal: isRejection(response) }
    validateResponse(request.headers['x-amz-target'], response)
    return { response, isFinal: true }
  } catch (error) {
    return { error, isFinal: false }
  }
}

/** Whether DynamoDB itself rejects the request for a reason other than throttling. */
function isRejection({ statusCode, body }: WireResponse): boolean {
  if (statusCode >= 500 || statusCode === 429) return false
  const [, name] = /"__type"\s*:\s*"(?:[^"]*#)?([^":]+)/.exec(body.toString()) ?? []
  return name !== undefined && !isThrottle(name)
}

/** Before the second attempt up to 200 ms, before the third up to 400: longer waits would exceed the deadline. */
function backoffMs(attempts: number): number {
  return Math.random() * 100 * 2 ** attempts
}
