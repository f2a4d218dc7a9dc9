import { randomUUID } from 'node:crypto'
import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb'
import type { DynamoDBStreamEvent } from 'aws-lambda'
import { type EmbeddedDynamoDB, LOCAL_CREDENTIALS } from './embedded-dynamodb.ts'
import { recordWrites } from './embedded-stream.ts'
import { createShard, deliver } from './event-source-mapping.ts'
import { heartbeatOf, type Stack, type StackFeed } from './stack.ts'

/** Six times as often as on AWS, so that nobody waits for it. */
const HEARTBEAT_INTERVAL_MS = 10_000

export type LocalFeed = { close(): Promise<void> }

export type LocalFeedOptions = {
  readonly dynamodb: EmbeddedDynamoDB
  readonly table: Stack['table']
  readonly feed: StackFeed
  /** Invokes the function that records changes. */
  readonly record: (event: DynamoDBStreamEvent) => Promise<unknown>
  readonly onError: (error: unknown) => void
}

/**
 * What AWS runs for the change feed beside the functions: the table's stream, the mapping that hands its records to
 * RecordChanges, and the schedule that writes the heartbeat. The first heartbeat is in the log when it resolves.
 */
export async function startLocalFeed(options: LocalFeedOptions): Promise<LocalFeed> {
  const { dynamodb, table, feed, record, onError } = options
  const stopping = new AbortController()
  const shard = createShard(stopping.signal)
  recordWrites(dynamodb, table, shard.push)

  const recorded = Promise.withResolvers<void>()
  const delivered = deliver(shard, {
    batchSize: feed.recorder.batchSize,
    invoke: (event) => record(event).finally(recorded.resolve),
    onError,
    signal: stopping.signal,
  })
  const stopHeartbeat = await startHeartbeat(feed, dynamodb.endpoint, onError)
  await recorded.promise
  return {
    async close() {
      stopHeartbeat()
      stopping.abort()
      await delivered
    },
  }
}

/** Writes the heartbeat item now and every few seconds, as the schedule of the template does once a minute. */
async function startHeartbeat(
  feed: StackFeed,
  endpoint: string,
  onError: (error: unknown) => void,
): Promise<() => void> {
  const client = new DynamoDBClient({ endpoint, region: 'us-east-1', credentials: LOCAL_CREDENTIALS })
  const beat = () => client.send(new PutItemCommand(heartbeatOf(feed, randomUUID())))
  await beat()
  const timer = setInterval(() => beat().catch(onError), HEARTBEAT_INTERVAL_MS)
  return () => {
    clearInterval(timer)
    client.destroy()
  }
}
