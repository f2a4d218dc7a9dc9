import { DeleteItemCommand, TransactWriteItemsCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb'
import { describe, expect, it } from 'vitest'
import { itemOf } from '../../dev/sample-apps.ts'
import { hashKey } from '../../functions/feed/stream-records.ts'
import { run } from '../../harness/run-command.ts'
import { captureOutput } from '../support/output.ts'
import { createStreamedFeed } from './streamed-feed.ts'

captureOutput()

describe('a write', () => {
  it.each(['the SDK', 'the CLI'] as const)('by %s is in the feed', async (by) => {
    const { table, put, startMapping, follow } = await createStreamedFeed()
    await table.createLog()
    startMapping()
    const { told, until } = await follow()
    const { tableName: TableName, client, endpoint } = table
    const Key = { AppId: { S: 'a' } }
    if (by === 'the SDK') {
      await put('a')
      const ExpressionAttributeValues = { ':max': { N: '7' } }
      const UpdateExpression = 'SET MaxConnections = :max'
      await client.send(
        new UpdateItemCommand({ TableName, Key, UpdateExpression, ExpressionAttributeValues }),
      )
      await client.send(
        new TransactWriteItemsCommand({
          TransactItems: [{ Put: { TableName, Item: itemOf('b', {}) } }, { Delete: { TableName, Key } }],
        }),
      )
      await client.send(new DeleteItemCommand({ TableName, Key: { AppId: { S: 'b' } } }))
    } else {
      const options = ['--endpoint', endpoint, '--table', TableName, '--region', 'us-east-1']
      for (const command of [
        ['create', '--id', 'a', '--key', 'a-key'],
        ['disable', 'a'],
        ['create', '--id', 'b', '--key', 'b-key'],
        ['delete', 'a', '--yes'],
        ['delete', 'b', '--yes'],
      ])
        expect(await run([...command, ...options])).toMatchObject({ code: 0 })
    }
    await until((hints) => hints.length >= 5)
    const [a, b] = ['a', 'b'].map((id) => ({ id, keys: [hashKey(`${id}-key`)] }))
    expect(told.filter(({ id }) => id === 'a')).toEqual([a, a, a])
    expect(told.filter(({ id }) => id === 'b')).toEqual([b, b])
  })

  it('is in the feed without keys if the stream has none', async () => {
    const { table, put, startMapping, follow } = await createStreamedFeed('KEYS_ONLY')
    await table.createLog()
    startMapping()
    const { told, until } = await follow()
    await put('a')
    await until((hints) => hints.length > 0)
    expect(told).toEqual([{ id: 'a' }])
  })
})
