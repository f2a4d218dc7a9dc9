import type { Context } from 'aws-lambda'
import { callerOf, type LookupEvent } from './caller.ts'
import type { Config } from './config.ts'
import { createLog, describeError, type LogRequest, type WriteLine, writeLine } from './log.ts'
import { type ErrorCode, LookupError } from './lookup-error.ts'
import { createMetrics, type Metrics } from './metrics.ts'

export type Telemetry = Metrics & {
  /** Tells the log and the metrics of a failure, and returns it as the caller may see it. */
  report(
    error: unknown,
    request: { event: Pick<LookupEvent, 'requestContext' | 'headers'>; context: Context },
  ): LookupError
  /** The same for an invocation that is no request of a consumer's. */
  reportFor(consumer: string, error: unknown, request: Partial<LogRequest>): LookupError
}

/** What an operator sees of a function: its metrics, and its failures in the log. A caller's own errors are only counted. */
export function createTelemetry(config: Config, write: WriteLine = writeLine): Telemetry {
  const log = createLog(config, write)
  const metrics = createMetrics(config, write)
  const reportFor: Telemetry['reportFor'] = (consumer, error, request) => {
    const failure = asLookupError(error)
    metrics.count(consumer, metricOf(failure.code))
    if (!COUNTED_ONLY.has(failure.code)) {
      const cause = failure.cause === undefined ? {} : describeError(failure.cause)
      log('ERROR', failure.message, { code: failure.code, consumer, ...failure.facts, ...cause }, request)
    }
    return failure
  }
  return {
    ...metrics,
    report: (error, request) => reportFor(callerOf(request.event).consumer, error, request),
    reportFor,
  }
}

/** What is counted and not logged: the caller's own errors, and what every poll is told while there is no feed. */
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
  return new LookupError('internal', 'The lookup failed because of a defect of its own; the log has more.', {
    cause: error,
  })
}

/** `store-throttled` is counted as `StoreThrottled`. */
function metricOf(code: ErrorCode): string {
  return code.replace(/(?:^|-)(.)/g, (_, letter: string) => letter.toUpperCase())
}
