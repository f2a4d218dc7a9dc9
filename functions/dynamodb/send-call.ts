import type { Call } from './attempts.ts'
import { storeError } from './store-error.ts'

/**
 * Sends a call to DynamoDB that ends by the deadline, and returns its result.
 *
 * @param deadline epoch time in ms
 * @throws {LookupError} with a `store-…` code
 */
export async function sendCall<T>(deadline: number, send: (call: Call) => Promise<T>): Promise<T> {
  const call = { deadline, attempts: 0 }
  try {
    return await send(call)
  } catch (error) {
    throw storeError(error, call.attempts)
  }
}
