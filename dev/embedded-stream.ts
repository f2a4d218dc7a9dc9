import { once } from 'node:events'
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { type CreateTableCommandInput, DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb'
import type { DynamoDBRecord } from 'aws-lambda'
import type { Item } from '../functions/apps/item.ts'
import type { EmbeddedDynamoDB } from './embedded-dynamodb.ts'
import { createShard, deliver, type MappingOptions } from './event-source-mapping.ts'
import { recordOf } from './stream-event.ts'

type Requests = Readonly<
  Record<string, readonly { PutRequest?: { Item: Item }; DeleteRequest?: { Key: Item } }[]>
>
type Body = { TableName?: string; Item?: Item; Key?: Item; RequestItems?: Requests }

/**
 * Adds a stream of writes to a table of the embedded DynamoDB (dynalite), which has no streams.
 *
 * The server handles writes one at a time, and reads the item before and after each write. Reads are not affected.
 */
export function recordWrites(
  { server, client: options }: EmbeddedDynamoDB,
  { TableName, KeySchema = [] }: CreateTableCommandInput,
  onRecord: (record: DynamoDBRecord) => void,
): void {
  const [answer] = server.listeners('request') as [RequestListener]
  const client = new DynamoDBClient(options)
  const streamArn = `arn:aws:dynamodb:us-east-1:123456789012:table/${TableName}/stream/${EMBEDDED_LABEL}`
  let lastSequenceNumber = 0

  // If the engine rejects the read of a key, it also rejects the write: there is no item.
  const read = (Key: Item) =>
    client.send(new GetItemCommand({ TableName, Key, ConsistentRead: true })).then(
      ({ Item }) => Item,
      () => undefined,
    )

  const write = async (request: IncomingMessage, response: ServerResponse) => {
    const body = await buffer(request)
    const keys = itemsOf(body, String(TableName)).map((item) => keyOf(item, KeySchema))
    const before = await Promise.all(keys.map(read))
    const { method, url, headers } = request
    answer(Object.assign(Readable.from([body]), { method, url, headers }) as never, response)
    await once(response, 'close')
    const after = await Promise.all(keys.map(read))
    for (const [index, key] of keys.entries()) {
      const change = { keys: key, before: before[index], after: after[index] }
      const record = recordOf(change, streamArn, lastSequenceNumber + 1)
      if (record === undefined) continue
      lastSequenceNumber++
      onRecord(record)
    }
  }

  let writing = Promise.resolve()
  server.removeListener('request', answer)
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const [, operation = ''] = String(request.headers['x-amz-target']).split('.')
    if (!WRITES.has(operation)) return answer(request, response)
    writing = writing.then(() => write(request, response)).catch(endWith(response))
  })
  server.on('close', () => client.destroy())
}

const endWith = (response: ServerResponse) => (error: Error) => {
  response.destroy(error)
}

/** Passes every future write to a table of the embedded DynamoDB to a function, until the signal is aborted. */
export function deliverWrites(
  dynamodb: EmbeddedDynamoDB,
  table: CreateTableCommandInput,
  mapping: MappingOptions,
): Promise<void> {
  const shard = createShard(mapping.signal)
  recordWrites(dynamodb, table, shard.push)
  return deliver(shard, mapping)
}

/** The ARN of a stream contains the time at which it was enabled. */
const EMBEDDED_LABEL = '2026-11-22T12:00:00.000'

const WRITES = new Set(['PutItem', 'UpdateItem', 'DeleteItem', 'BatchWriteItem'])

function keyOf(item: Item, keySchema: NonNullable<CreateTableCommandInput['KeySchema']>): Item {
  return Object.fromEntries(
    keySchema.flatMap(({ AttributeName = '' }) =>
      item[AttributeName] === undefined ? [] : [[AttributeName, item[AttributeName]]],
    ),
  )
}

/** The items, or keys of items, that a request writes to the table. The engine rejects invalid bodies. */
function itemsOf(body: Buffer, tableName: string): Item[] {
  let request: Body
  try {
    request = JSON.parse(body.toString())
  } catch {
    return []
  }
  const { TableName, Item, Key, RequestItems } = request ?? {}
  if (TableName === tableName) return [Item ?? Key ?? {}]
  const requests = RequestItems?.[tableName] ?? []
  return requests.map(({ PutRequest, DeleteRequest }) => PutRequest?.Item ?? DeleteRequest?.Key ?? {})
}
