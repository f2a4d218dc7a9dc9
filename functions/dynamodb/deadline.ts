import type { Context } from 'aws-lambda'
import type { Config } from '../config.ts'

/** Time to send the response before Lambda stops the function. */
const ANSWER_MS = 200

/** Epoch time in ms by which the reads of a request end: the configured time, or less if Lambda's timeout is near. */
export function deadlineOf(
  { deadlineMs }: Pick<Config, 'deadlineMs'>,
  context: Pick<Context, 'getRemainingTimeInMillis'>,
): number {
  return Date.now() + Math.min(deadlineMs, context.getRemainingTimeInMillis() - ANSWER_MS)
}
