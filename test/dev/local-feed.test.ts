import { once } from 'node:events'
import { afterEach, expect, it, vi } from 'vitest'
import { startEmbeddedDynamoDB } from '../../dev/embedded-dynamodb.ts'
import { deliverWrites } from '../../dev/embedded-stream.ts'
import { startLocalFeed } from '../../dev/local-feed.ts'
import { readStack } from '../../dev/stack.ts'

afterEach(() => {
  vi.useRealTimers()
})

it('the local change feed ends with its heartbeat written, so that the database can be closed', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  const { table, feed: ofStack } = readStack({})
  const dynamodb = await startEmbeddedDynamoDB(table, [], { host: '127.0.0.1', port: 0 })
  const errors: unknown[] = []
  const feed = await startLocalFeed({
    dynamodb: dynamodb.client,
    feed: ofStack as NonNullable<typeof ofStack>,
    deliver: (mapping) => deliverWrites(dynamodb, table, mapping),
    record: async () => {},
    onError: (error) => errors.push(error),
  })
  const requested = once(dynamodb.server, 'request')
  vi.runOnlyPendingTimers()
  const [, response] = await requested
  await feed.close()
  expect(response.writableFinished).toBe(true)
  await dynamodb.close()
  expect(errors).toEqual([])
})
