import { randomUUID } from 'node:crypto'
import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb'
import type { DynamoDBStreamEvent } from 'aws-lambda'
import { isHeartbeat } from '../functions/apps/heartbeat.ts'
import type { ClientOptions } from './embedded-dynamodb.ts'
import type { MappingOptions } from './event-source-mapping.ts'
import { heartbeatOf, type StackFeed } from './stack.ts'

/** Six times as often as on AWS, so that nobody has to wait for it. */
const HEARTBEAT_INTERVAL_MS = 10_000

/** As many heartbeats that do not come through the stream are reported. */
const MAX_UNHEARD = 3

/** What {@link startLocalFeed} needs. */
export type LocalFeedOptions = {
  /** The table's DynamoDB. */
  readonly dynamodb: ClientOptions
  readonly feed: StackFeed
  /** Passes on the records of the table's stream until the signal is aborted. */
  readonly deliver: (mapping: MappingOptions) => Promise<void>
  /** Invokes the function that records changes. */
  readonly record: (event: DynamoDBStreamEvent) => Promise<unknown>
  readonly onError: (error: unknown) => void
}

const SILENT =
  "The change feed receives nothing from the table's stream. If the stream was turned off and on, it has a new ARN: restart npm start."

/** The running parts of the change feed. */
export type LocalFeed = {
  /** Stops passing on records, like a disabled event source mapping; the stream keeps them. */
  disableMapping(): void
  /** Passes on the records that the stream has kept, and new ones. */
  enableMapping(): void
  close(): Promise<void>
}

/**
 * Runs the parts of the change feed that AWS runs: the event source mapping that passes the stream's records to
 * RecordChanges, and the schedule that writes the heartbeat. Resolves after RecordChanges has received the first heartbeat.
 */
export async function startLocalFeed(options: LocalFeedOptions): Promise<LocalFeed> {
  const { feed, deliver, record, onError } = options
  const stopping = new AbortController()
  const firstHeartbeat = Promise.withResolvers<void>()
  let unheard = 0
  let disabled: PromiseWithResolvers<void> | undefined
  const enableMapping = () => {
    disabled?.resolve()
    disabled = undefined
  }
  const delivered = deliver({
    batchSize: feed.recorder.batchSize,
    async invoke(event) {
      await disabled?.promise
      if (!stopping.signal.aborted)
        await record(event).finally(() => {
          if (!hasHeartbeat(event)) return
          unheard = 0
          firstHeartbeat.resolve()
        })
    },
    onError,
    signal: stopping.signal,
  })
  const stopHeartbeat = await startHeartbeat(options, () => {
    if (disabled === undefined && ++unheard === MAX_UNHEARD) onError(new Error(SILENT))
  })
  await firstHeartbeat.promise
  return {
    disableMapping() {
      disabled ??= Promise.withResolvers()
    },
    enableMapping,
    async close() {
      await stopHeartbeat()
      stopping.abort()
      enableMapping()
      await delivered
    },
  }
}

function hasHeartbeat({ Records }: DynamoDBStreamEvent): boolean {
  return Records.some(({ dynamodb }) => isHeartbeat(dynamodb?.Keys?.AppId?.S ?? ''))
}

/**
 * Writes the heartbeat item now and every few seconds; the schedule of the template does so once a minute. Returns a
 * function that stops it after the write in flight.
 */
async function startHeartbeat(
  { dynamodb, feed, onError }: LocalFeedOptions,
  onWritten: () => void,
): Promise<() => Promise<void>> {
  const client = new DynamoDBClient(dynamodb)
  const writeHeartbeat = async () => {
    await client.send(new PutItemCommand(heartbeatOf(feed, randomUUID(), new Date())))
    onWritten()
  }
  let written = writeHeartbeat()
  await written
  const timer = setInterval(() => {
    written = writeHeartbeat().catch(onError)
  }, HEARTBEAT_INTERVAL_MS)
  return async () => {
    clearInterval(timer)
    await written
    client.destroy()
  }
}
