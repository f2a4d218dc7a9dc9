import type { Call } from './attempts.ts'
import { storeError } from './store-error.ts'

/** What DynamoDB answers until the deadline. @throws {LookupError} of a code `store-…` */
export async function ask<T>(deadline: number, send: (call: Call) => Promise<T>): Promise<T> {
  const call = { deadline, attempts: 0 }
  try {
    return await send(call)
  } catch (error) {
    throw storeError(error, call.attempts)
  }
}
