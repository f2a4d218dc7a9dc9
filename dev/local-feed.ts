import { randomUUID } from 'node:crypto'
import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb'
import type { DynamoDBStreamEvent } from 'aws-lambda'
import { isHeartbeat } from '../functions/apps/heartbeat.ts'
import type { ClientOptions } from './embedded-dynamodb.ts'
import type { MappingOptions } from './event-source-mapping.ts'
import { heartbeatOf, type StackFeed } from './stack.ts'

/** Six times as often as on AWS, so that nobody has to wait for it. */
const HEARTBEAT_INTERVAL_MS = 10_000

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
  const { dynamodb, feed, deliver, record, onError } = options
  const stopping = new AbortController()
  const firstHeartbeat = Promise.withResolvers<void>()
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
        await record(event).finally(() => hasHeartbeat(event) && firstHeartbeat.resolve())
    },
    onError,
    signal: stopping.signal,
  })
  const stopHeartbeat = await startHeartbeat(dynamodb, feed, onError)
  await firstHeartbeat.promise
  return {
    disableMapping() {
      disabled ??= Promise.withResolvers()
    },
    enableMapping,
    async close() {
      stopHeartbeat()
      stopping.abort()
      enableMapping()
      await delivered
    },
  }
}

function hasHeartbeat({ Records }: DynamoDBStreamEvent): boolean {
  return Records.some(({ dynamodb }) => isHeartbeat(dynamodb?.Keys?.AppId?.S ?? ''))
}

/** Writes the heartbeat item now and every few seconds; the schedule of the template does so once a minute. */
async function startHeartbeat(
  dynamodb: ClientOptions,
  feed: StackFeed,
  onError: LocalFeedOptions['onError'],
): Promise<() => void> {
  const client = new DynamoDBClient(dynamodb)
  const writeHeartbeat = () => client.send(new PutItemCommand(heartbeatOf(feed, randomUUID(), new Date())))
  await writeHeartbeat()
  const timer = setInterval(() => writeHeartbeat().catch(onError), HEARTBEAT_INTERVAL_MS)
  return () => {
    clearInterval(timer)
    client.destroy()
  }
}
