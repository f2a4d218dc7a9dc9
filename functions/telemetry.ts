import type { Context } from 'aws-lambda'
import { callerOf, type LookupEvent } from './caller.ts'
import type { Config } from './config.ts'
import { createLog, describeError, type WriteLine, writeLine } from './log.ts'
import { type ErrorCode, LookupError } from './lookup-error.ts'
import { createMetrics, type Metrics } from './metrics.ts'

export type Telemetry = Metrics & {
  /** Tells the log and the metrics of a failure, and returns it as the caller may see it. */
  report(
    error: unknown,
    request: { event: Pick<LookupEvent, 'requestContext' | 'headers'>; context: Context },
  ): LookupError
}

/** What an operator sees of a function: its metrics, and its failures in the log. A caller's own errors are only counted. */
export function createTelemetry(config: Config, write: WriteLine = writeLine): Telemetry {
  const log = createLog(config, write)
  const metrics = createMetrics(config, write)
  return {
    ...metrics,
    report(error, request) {
      const failure = asLookupError(error)
      const { consumer } = callerOf(request.event)
      metrics.count(consumer, metricOf(failure.code))
      if (!CLIENT_ERRORS.has(failure.code)) {
        const cause = failure.cause === undefined ? {} : describeError(failure.cause)
        log('ERROR', failure.message, { code: failure.code, consumer, ...failure.facts, ...cause }, request)
      }
      return failure
    },
  }
}

const CLIENT_ERRORS = new Set<ErrorCode>(['invalid-request', 'body-too-large', 'unsupported-media-type'])

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
