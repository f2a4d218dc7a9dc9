import { setTimeout as wait } from 'node:timers/promises'
import {
  type _Record,
  DescribeStreamCommand,
  DynamoDBStreamsClient,
  GetRecordsCommand,
  GetShardIteratorCommand,
  type Shard as ShardDescription,
} from '@aws-sdk/client-dynamodb-streams'
import type { DynamoDBRecord } from 'aws-lambda'
import type { ClientOptions } from './embedded-dynamodb.ts'
import { deliver, type MappingOptions, type Shard } from './event-source-mapping.ts'
import { toEventItem } from './stream-event.ts'

/** The last record of each shard that was processed, by the shard's id, to continue from. */
export type Checkpoints = Map<string, string>

/** A stream, and its client's settings. */
export type StreamSource = {
  readonly client: DynamoDBStreamsClient
  readonly streamArn: string
  readonly checkpoints: Checkpoints
}

type StreamOptions = StreamSource & MappingOptions

/** Lambda waits 250 ms between polls. A shorter time makes tests faster. */
const POLL_MS = 100
const NEW_SHARDS_MS = 1000

/**
 * Passes every record of a stream to a function, from the oldest or from the checkpoints on: each shard in order, and
 * after its parent shard. Resolves when the signal is aborted.
 */
export async function deliverStream(source: StreamSource, mapping: MappingOptions): Promise<void> {
  const options = { ...source, ...mapping }
  const { signal, onError } = options
  const running = new Map<string, Promise<void>>()
  const finished = new Set<string>()
  while (!signal.aborted) {
    const shards = await describeShards(options).catch((error) => {
      onError(error)
      return []
    })
    for (const { ShardId: id = '', ParentShardId: parent } of shards) {
      const isWaiting = shards.some(({ ShardId }) => ShardId === parent) && !finished.has(parent ?? '')
      if (running.has(id) || isWaiting) continue
      const delivered = deliver(createStreamShard(id, options), options).then(() => finished.add(id))
      running.set(
        id,
        delivered.then(() => undefined),
      )
    }
    await wait(NEW_SHARDS_MS, undefined, { signal }).catch(() => undefined)
  }
  await Promise.all(running.values())
}

/** Passes every record of a table's stream to a function, from the oldest on, until the signal is aborted. */
export async function deliverTableStream(
  options: ClientOptions,
  streamArn: string,
  mapping: MappingOptions,
): Promise<void> {
  const client = new DynamoDBStreamsClient(options)
  await deliverStream({ client, streamArn, checkpoints: new Map() }, mapping)
  client.destroy()
}

async function describeShards({ client, streamArn }: StreamOptions): Promise<readonly ShardDescription[]> {
  const shards: ShardDescription[] = []
  let from: string | undefined
  do {
    const command = new DescribeStreamCommand({
      StreamArn: streamArn,
      ...(from !== undefined && { ExclusiveStartShardId: from }),
    })
    const { StreamDescription: { Shards = [], LastEvaluatedShardId } = {} } = await client.send(command)
    shards.push(...Shards)
    from = LastEvaluatedShardId
  } while (from !== undefined)
  return shards
}

function createStreamShard(ShardId: string, options: StreamOptions): Shard {
  const { client, streamArn, checkpoints, signal, onError } = options
  let iterator: string | undefined
  let isOpen = true

  const findIterator = async (): Promise<string | undefined> => {
    const after = checkpoints.get(ShardId)
    const place = after
      ? ({ ShardIteratorType: 'AFTER_SEQUENCE_NUMBER', SequenceNumber: after } as const)
      : ({ ShardIteratorType: 'TRIM_HORIZON' } as const)
    const command = new GetShardIteratorCommand({ StreamArn: streamArn, ShardId, ...place })
    return (await client.send(command)).ShardIterator
  }
  const read = async (limit: number): Promise<readonly DynamoDBRecord[]> => {
    iterator ??= await findIterator()
    const command = new GetRecordsCommand({ ShardIterator: iterator, Limit: limit })
    const { Records = [], NextShardIterator } = await client.send(command)
    iterator = NextShardIterator
    isOpen = NextShardIterator !== undefined
    return Records.map((record) => toEventRecord(record, streamArn))
  }

  return {
    async next(limit) {
      while (isOpen && !signal.aborted) {
        const records = await read(limit).catch((error) => {
          // For example, the iterator has expired: the next one starts at the checkpoint.
          iterator = undefined
          onError(error)
          return []
        })
        if (records.length > 0) return records
        if (isOpen) await wait(POLL_MS, undefined, { signal }).catch(() => undefined)
      }
      return undefined
    },
    done(records) {
      const last = records.at(-1)?.dynamodb?.SequenceNumber
      if (last) checkpoints.set(ShardId, last)
    },
  }
}

function toEventRecord({ dynamodb: change = {}, ...record }: _Record, streamArn: string): DynamoDBRecord {
  const { ApproximateCreationDateTime: at, Keys, NewImage, OldImage, ...others } = change
  return {
    ...(record as DynamoDBRecord),
    eventSourceARN: streamArn,
    dynamodb: {
      ...others,
      ...(at && { ApproximateCreationDateTime: Math.floor(at.getTime() / 1000) }),
      ...(Keys && { Keys: toEventItem(Keys) }),
      ...(NewImage && { NewImage: toEventItem(NewImage) }),
      ...(OldImage && { OldImage: toEventItem(OldImage) }),
    },
  }
}
