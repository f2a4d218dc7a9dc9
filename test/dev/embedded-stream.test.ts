import {
  BatchWriteItemCommand,
  DeleteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb'
import type { DynamoDBRecord } from 'aws-lambda'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import {
  type EmbeddedDynamoDB,
  fillTable,
  LOCAL_CREDENTIALS,
  startEmbeddedDynamoDB,
} from '../../dev/embedded-dynamodb.ts'
import { recordWrites } from '../../dev/embedded-stream.ts'
import { itemOf } from '../../dev/sample-apps.ts'
import { readStack } from '../../dev/stack.ts'

const TableName = 'apps'
const records: DynamoDBRecord[] = []
let dynamodb: EmbeddedDynamoDB
let client: DynamoDBClient
beforeAll(async () => {
  const { table } = readStack({})
  dynamodb = await startEmbeddedDynamoDB(table, [itemOf('there', {})], { host: '127.0.0.1', port: 0 })
  await fillTable(dynamodb.endpoint, { ...table, TableName: 'others' }, [])
  recordWrites(dynamodb, table, (record) => records.push(record))
  client = new DynamoDBClient({
    endpoint: dynamodb.endpoint,
    region: 'us-east-1',
    credentials: LOCAL_CREDENTIALS,
    maxAttempts: 1,
  })
})
beforeEach(() => records.splice(0))
afterAll(async () => {
  client.destroy()
  await dynamodb.close()
})

const Key = (id: string) => ({ AppId: { S: id } })
const put = (id: string, attributes = {}) =>
  client.send(new PutItemCommand({ TableName, Item: itemOf(id, attributes) }))
const remove = (id: string) => client.send(new DeleteItemCommand({ TableName, Key: Key(id) }))
/** Records come after the response to their write, so the record of this write is the last one. */
async function recorded(): Promise<DynamoDBRecord[]> {
  await put('last', { MaxConnections: { N: String(Math.random()) } })
  const isLast = ({ dynamodb: change }: DynamoDBRecord) => change?.Keys?.AppId?.S === 'last'
  await expect.poll(() => records.some(isLast)).toBe(true)
  return records.filter((record) => !isLast(record))
}
const summaries = (all: readonly DynamoDBRecord[]) =>
  all.map(({ eventName, dynamodb: change }) => `${eventName} ${change?.Keys?.AppId?.S}`)

describe('the stream of the embedded DynamoDB', () => {
  it('has a record of every kind of write, in order, with the item before and after', async () => {
    await put('a', { Enabled: { B: Buffer.from('true') } })
    await put('a')
    await client.send(
      new UpdateItemCommand({
        TableName,
        Key: Key('a'),
        UpdateExpression: 'SET AppKey = :key',
        ExpressionAttributeValues: { ':key': { S: 'other-key' } },
      }),
    )
    await remove('a')
    const all = await recorded()
    expect(summaries(all)).toEqual(['INSERT a', 'MODIFY a', 'MODIFY a', 'REMOVE a'])
    const [inserted, , updated, removed] = all.map(({ dynamodb: change }) => change)
    expect(inserted).toMatchObject({ Keys: Key('a'), NewImage: { Enabled: { B: 'dHJ1ZQ==' } } })
    expect(inserted).not.toHaveProperty('OldImage')
    expect(updated).toMatchObject({
      OldImage: { AppKey: { S: 'a-key' } },
      NewImage: { AppKey: { S: 'other-key' } },
    })
    expect(removed).not.toHaveProperty('NewImage')
    const numbers = all.map(({ dynamodb: change }) => String(change?.SequenceNumber))
    expect(numbers).toEqual(numbers.toSorted())
    expect(new Set(numbers).size).toBe(4)
    for (const { eventSourceARN } of all)
      expect(eventSourceARN).toMatch(/^arn:aws:dynamodb:.+:table\/apps\/stream\//)
  })

  it('has a record of each item of a batch, for this table only', async () => {
    await client.send(
      new BatchWriteItemCommand({
        RequestItems: {
          [TableName]: [
            { PutRequest: { Item: itemOf('b', {}) } },
            { PutRequest: { Item: itemOf('c', {}) } },
            { DeleteRequest: { Key: Key('there') } },
          ],
          others: [{ PutRequest: { Item: itemOf('d', {}) } }],
        },
      }),
    )
    await client.send(new PutItemCommand({ TableName: 'others', Item: itemOf('e', {}) }))
    expect(summaries(await recorded())).toEqual(['INSERT b', 'INSERT c', 'REMOVE there'])
  })

  it('has no record of a write that changes nothing or is rejected', async () => {
    await put('f')
    await put('f')
    await remove('nobody')
    const refused = [
      new PutItemCommand({
        TableName,
        Item: itemOf('f', { MaxConnections: { N: '1' } }),
        ConditionExpression: 'attribute_not_exists(AppId)',
      }),
      new PutItemCommand({ TableName, Item: { AppKey: { S: 'without an id' } } }),
      new PutItemCommand({ TableName, Item: { ...itemOf('g', {}), AppId: { N: '7' } } }),
    ]
    for (const command of refused) await expect(client.send(command)).rejects.toThrow()
    await expect(
      fetch(dynamodb.endpoint, {
        method: 'POST',
        headers: { 'x-amz-target': 'DynamoDB_20120810.PutItem' },
        body: '{',
      }),
    ).resolves.toMatchObject({ status: 404 })
    expect(summaries(await recorded())).toEqual(['INSERT f'])
  })

  it('has concurrent writes in the order in which they took place', async () => {
    await Promise.all(
      Array.from({ length: 30 }, (_, index) => put('busy', { MaxConnections: { N: String(index) } })),
    )
    const images = (await recorded()).map(({ dynamodb: change }) => change)
    const [first, ...others] = images
    expect(first).not.toHaveProperty('OldImage')
    for (const [index, change] of others.entries()) expect(change?.OldImage).toEqual(images[index]?.NewImage)
    const { Item } = await client.send(
      new GetItemCommand({ TableName, Key: Key('busy'), ConsistentRead: true }),
    )
    expect(images.at(-1)?.NewImage).toEqual(Item)
  })
})
