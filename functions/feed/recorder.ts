import type { Context } from 'aws-lambda'
import type { Config } from '../config.ts'
import { createLog } from '../telemetry/log.ts'
import { createTelemetry } from '../telemetry/telemetry.ts'
import { appendChanges } from './append-changes.ts'
import type { ChangeLogReader, ChangeLogWriter } from './change-log.ts'
import { readStreamBatch, type StreamBatch } from './stream-records.ts'

/** The consumer in logs and metrics, since there is no token. */
const CONSUMER = 'change-feed'

/** Time of the invocation that is reserved for reporting a failure. */
const RESERVE_MS = 1000

/**
 * The Lambda handler for the table's stream: appends the changes in a batch of records to the change log. It throws only
 * if the log can't be written. Lambda then repeats the batch.
 */
export function createRecorder(config: Config, changeLog: ChangeLogReader & ChangeLogWriter) {
  const telemetry = createTelemetry(config)
  const log = createLog(config)

  const reportIgnored = (records: number, context: Context) => {
    telemetry.count(CONSUMER, 'RecordsIgnored', { times: records })
    const message = `Records of another table than ${config.tableName}, or without an app's id, are ignored.`
    log('WARN', message, { records }, { context })
  }
  const ageOf = (seconds: number) => Math.max(0, Date.now() - 1000 * seconds)
  const countRecorded = ({ hints, heartbeatAt, otherHeartbeats }: StreamBatch) => {
    if (hints.length > 0) telemetry.count(CONSUMER, 'ChangesRecorded', { times: hints.length })
    if (heartbeatAt !== undefined) telemetry.time(CONSUMER, 'FeedLag', ageOf(heartbeatAt))
    for (const [region, scheduledAt] of otherHeartbeats)
      telemetry.writeHeartbeatAge(region, ageOf(scheduledAt))
  }

  telemetry.endInit()
  return async (event: unknown, context: Context): Promise<void> => {
    const endsAt = Date.now() + context.getRemainingTimeInMillis() - RESERVE_MS
    const batch = readStreamBatch(event, config)
    if (batch.ignored > 0) reportIgnored(batch.ignored, context)
    try {
      await appendChanges(batch, changeLog, () => Math.min(Date.now() + config.deadlineMs, endsAt))
      countRecorded(batch)
    } catch (error) {
      throw telemetry.reportFor(CONSUMER, error, { context })
    } finally {
      telemetry.countColdStart(context.functionName)
      telemetry.endRequest()
    }
  }
}
