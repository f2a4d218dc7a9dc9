import type { Context } from 'aws-lambda'
import type { Config } from './config.ts'

/** What is left for the answer itself before Lambda ends the function. */
const ANSWER_MS = 200

/** The epoch time in ms at which all reads of a request end: after the configured time, and in time for an answer. */
export function deadlineOf(
  { deadlineMs }: Pick<Config, 'deadlineMs'>,
  context: Pick<Context, 'getRemainingTimeInMillis'>,
): number {
  return Date.now() + Math.min(deadlineMs, context.getRemainingTimeInMillis() - ANSWER_MS)
}
