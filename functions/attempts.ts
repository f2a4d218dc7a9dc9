import type { HttpRequest } from '@smithy/types'
import { DeadlineError, type Exchange, type WireResponse } from './exchange.ts'
import { proveAnswer } from './proof.ts'
import { isThrottle } from './store-error.ts'

/** One call of DynamoDB: the epoch time in ms at which it ends, and how many attempts were made. */
export type Call = { readonly deadline: number; attempts: number }

/** What an attempt came to; `isFinal` if another one would come to the same. */
type Outcome =
  | { readonly response: WireResponse; readonly isFinal: boolean }
  | { readonly error: unknown; readonly isFinal: false }

/**
 * Sends a request until there is an answer, up to `maxAttempts` times and until the deadline.
 *
 * Every call has its attempts: there is no budget for retries that an outage could use up. How long a throttle asks
 * to wait is ignored, because it is longer than a caller waits.
 *
 * @returns DynamoDB's answer, or the error response that the SDK makes an exception of
 * @throws what the last attempt failed of; what an attempt before it failed of, if the deadline cut it short
 */
export async function sendWithRetries(
  exchange: Exchange,
  request: HttpRequest,
  call: Call,
  maxAttempts: number,
): Promise<WireResponse> {
  let outcome: Outcome | undefined
  while (call.attempts < maxAttempts) {
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
    if (response.statusCode >= 300) return { response, isFinal: isRefusal(response) }
    proveAnswer(request.headers['x-amz-target'], response)
    return { response, isFinal: true }
  } catch (error) {
    return { error, isFinal: false }
  }
}

/** Whether DynamoDB itself refuses the request, for another reason than how many there are. */
function isRefusal({ statusCode, body }: WireResponse): boolean {
  if (statusCode >= 500 || statusCode === 429) return false
  const [, name] = /"__type"\s*:\s*"(?:[^"]*#)?([^"]+)"/.exec(body.toString()) ?? []
  return name !== undefined && !isThrottle(name)
}

/** Before the second attempt up to 200 ms, before the third up to 400: more would outlast the deadline. */
function backoffMs(attempts: number): number {
  return Math.random() * 100 * 2 ** attempts
}
