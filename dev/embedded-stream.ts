import { once } from 'node:events'
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { type CreateTableCommandInput, DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb'
import type { DynamoDBRecord } from 'aws-lambda'
import type { Item } from '../functions/item.ts'
import type { EmbeddedDynamoDB } from './embedded-dynamodb.ts'
import { createShard, deliver, type MappingOptions } from './event-source-mapping.ts'
import { recordOf } from './stream-event.ts'

type Requests = Readonly<
  Record<string, readonly { PutRequest?: { Item: Item }; DeleteRequest?: { Key: Item } }[]>
>
type Body = { TableName?: string; Item?: Item; Key?: Item; RequestItems?: Requests }

/**
 * Gives a table of the embedded DynamoDB (dynalite), which has no streams, a stream of its writes from now on.
 *
 * Writes are recorded as they pass the server, one after the other: the item is read before and after each. Reads pass
 * as they are.
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

  // A key that the engine refuses to read it refuses to write: there is no item.
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

/** Hands every write of a table of the embedded DynamoDB to a function, from now on, until the signal. */
export function deliverWrites(
  dynamodb: EmbeddedDynamoDB,
  table: CreateTableCommandInput,
  mapping: MappingOptions,
): Promise<void> {
  const shard = createShard(mapping.signal)
  recordWrites(dynamodb, table, shard.push)
  return deliver(shard, mapping)
}

/** Streams are told apart by the time that they were switched on. */
const EMBEDDED_LABEL = '2026-11-22T12:00:00.000'

const WRITES = new Set(['PutItem', 'UpdateItem', 'DeleteItem', 'BatchWriteItem'])

function keyOf(item: Item, keySchema: NonNullable<CreateTableCommandInput['KeySchema']>): Item {
  return Object.fromEntries(
    keySchema.flatMap(({ AttributeName = '' }) =>
      item[AttributeName] === undefined ? [] : [[AttributeName, item[AttributeName]]],
    ),
  )
}

/** What a request writes to the table: items, or keys of items. A body that is none is the engine's to refuse. */
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
