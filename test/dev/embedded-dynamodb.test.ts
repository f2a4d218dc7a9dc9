import { DynamoDBClient, QueryCommand } from '@aws-sdk/client-dynamodb'
import { AbstractValueIterator } from 'abstract-level'
import { expect, it, vi } from 'vitest'
import { LOCAL_CREDENTIALS, startEmbeddedDynamoDB } from '../../dev/embedded-dynamodb.ts'
import { SAMPLE_APPS } from '../../dev/sample-apps.ts'
import { readStack } from '../../dev/stack.ts'

it('the embedded DynamoDB closes the iterator of a Query, so that a long npm start does not leak memory', async () => {
  const { table } = readStack({})
  const dynamodb = await startEmbeddedDynamoDB(table, SAMPLE_APPS, { host: '127.0.0.1', port: 0 })
  const client = new DynamoDBClient({
    endpoint: dynamodb.endpoint,
    region: 'us-east-1',
    credentials: LOCAL_CREDENTIALS,
  })
  const close = vi.spyOn(AbstractValueIterator.prototype, 'close')
  const { Count } = await client.send(
    new QueryCommand({
      TableName: String(table.TableName),
      IndexName: 'AppKeyIndex',
      KeyConditionExpression: 'AppKey = :key',
      ExpressionAttributeValues: { ':key': { S: 'demo-key' } },
    }),
  )
  expect(Count).toBe(1)
  await expect.poll(() => close).toHaveBeenCalledOnce()
  client.destroy()
  await dynamodb.close()
})
