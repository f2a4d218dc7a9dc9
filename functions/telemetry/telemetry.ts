import type { Context } from 'aws-lambda'
import { callerOf, type LookupEvent } from '../access/caller.ts'
import type { Config } from '../config.ts'
import { type ErrorCode, LookupError } from '../lookup-error.ts'
import { createLog, describeError, type LogRequest, type WriteLine, writeLine } from './log.ts'
import { createMetrics, type Metrics } from './metrics.ts'

/** The metrics and the error log of a function. */
export type Telemetry = Metrics & {
  /** Logs and counts a failure, and returns the error for the response. */
  report(
    error: unknown,
    request: { event: Pick<LookupEvent, 'requestContext' | 'headers'>; context: Context },
  ): LookupError
  /** The same for an invocation without a consumer. */
  reportFor(consumer: string, error: unknown, request: Partial<LogRequest>): LookupError
}

/** Creates the metrics and the error log of a function. Errors of the caller are counted, not logged. */
export function createTelemetry(config: Config, write: WriteLine = writeLine): Telemetry {
  const log = createLog(config, write)
  const metrics = createMetrics(config, write)
  const reportFor: Telemetry['reportFor'] = (consumer, error, request) => {
    const failure = asLookupError(error)
    metrics.count(consumer, metricOf(failure.code))
    if (!COUNTED_ONLY.has(failure.code)) {
      const cause = failure.cause === undefined ? {} : describeError(failure.cause)
      log('ERROR', failure.message, { code: failure.code, consumer, ...failure.logFields, ...cause }, request)
    }
    return failure
  }
  return {
    ...metrics,
    report: (error, request) => reportFor(callerOf(request.event).consumer, error, request),
    reportFor,
  }
}

/** Counted, not logged: errors of the caller, and the response to every poll while there is no feed. */
const COUNTED_ONLY = new Set<ErrorCode>([
  'invalid-request',
  'body-too-large',
  'unsupported-media-type',
  'scope-too-narrow',
  'cursor-expired',
  'feed-unavailable',
])

function asLookupError(error: unknown): LookupError {
  if (error instanceof LookupError) return error
  return new LookupError('internal', "An internal error occurred. The function's log has the details.", {
    cause: error,
  })
}

/** `store-throttled` is counted as `StoreThrottled`. */
function metricOf(code: ErrorCode): string {
  return code.replace(/(?:^|-)(.)/g, (_, letter: string) => letter.toUpperCase())
}
