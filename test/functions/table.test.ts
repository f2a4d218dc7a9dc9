import type { DynamoDBClient, GlobalSecondaryIndex, Projection } from '@aws-sdk/client-dynamodb'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { itemOf } from '../../dev/sample-apps.ts'
import { readStack } from '../../dev/stack.ts'
import { createTable } from '../../functions/apps/table.ts'
import { readConfig } from '../../functions/config.ts'
import { createDynamoDBClient } from '../../functions/dynamodb/client.ts'
import { DEMO } from '../contract/row.ts'
import { startDynamoDB, type TestDynamoDB } from '../support/test-dynamodb.ts'

let dynamodb: TestDynamoDB
let client: DynamoDBClient
let table: ReturnType<typeof createTable>
const soon = () => ({ deadline: Date.now() + 5000 })

beforeAll(async () => {
  dynamodb = await startDynamoDB()
  const config = readConfig(dynamodb.environment)
  client = createDynamoDBClient(config)
  table = createTable(client, config.tableName)
})
beforeEach(() => {
  for (const [name, value] of Object.entries(dynamodb.environment)) vi.stubEnv(name, value)
})
afterEach(() => vi.unstubAllEnvs())
afterAll(async () => {
  client.destroy()
  await dynamodb.close()
})

describe('the table', () => {
  it('finds the same app by its id and by its key', async () => {
    expect(await table.findById('demo', soon())).toEqual(DEMO)
    expect(await table.findByKey('demo-key', soon())).toEqual(DEMO)
  })

  it('finds no app by an id or key that no item has', async () => {
    for (const value of ['nope', 'demo ', 'Demo', '\0', '👾', 'n'.repeat(2048)]) {
      expect(await table.findById(value, soon())).toBeUndefined()
      expect(await table.findByKey(value, soon())).toBeUndefined()
    }
  })

  it('finds no app by its key as an id, or by its id as a key', async () => {
    expect(await table.findById('demo-key', soon())).toMatchObject({ id: 'demo-key' })
    expect(await table.findByKey('demo-key', soon())).toMatchObject({ id: 'demo' })
    expect(await table.findByKey('demo', soon())).toBeUndefined()
  })

  it('finds an app by an id or key of any characters', async () => {
    expect(await table.findById('böse / 👾 ?#%', soon())).toMatchObject({ key: 'clé / 🔑 ?#%' })
    expect(await table.findByKey('k'.repeat(2048), soon())).toMatchObject({ id: 'longest' })
  })

  it('returns neither of two apps with the same key', async () => {
    await expect(table.findByKey('twin-key', soon())).rejects.toMatchObject({
      code: 'app-key-not-unique',
      logFields: { appKey: 'twin-key', appIds: expect.stringMatching(/^twin-[12], twin-[12]$/) },
    })
    expect(await table.findById('twin-1', soon())).toMatchObject({ key: 'twin-key' })
  })

  it('reports the malformed attribute and its item', async () => {
    await expect(table.findByKey('bad-number-key', soon())).rejects.toMatchObject({
      code: 'app-malformed',
      logFields: { attribute: 'MaxConnections', appId: 'bad-number', appKey: 'bad-number-key' },
    })
  })

  it('that does not exist is a misconfiguration, not a missing app', async () => {
    const missing = createTable(client, 'no-such-table')
    for (const read of [missing.findById, missing.findByKey])
      await expect(read('demo', soon())).rejects.toMatchObject({
        code: 'store-misconfigured',
        logFields: { storeError: 'ResourceNotFoundException' },
      })
  })

  it.each([
    { ProjectionType: 'KEYS_ONLY' },
    { ProjectionType: 'INCLUDE', NonKeyAttributes: ['AppSecret'] },
  ] satisfies Projection[])(
    'whose index has $ProjectionType is a misconfiguration, not a broken app',
    async (Projection) => {
      const [index] = readStack({}).table.GlobalSecondaryIndexes ?? []
      const partial = await startDynamoDB([itemOf('demo')], {
        GlobalSecondaryIndexes: [{ ...index, Projection } as GlobalSecondaryIndex],
      })
      const config = readConfig(partial.environment)
      const reader = createDynamoDBClient(config)
      const { findById, findByKey } = createTable(reader, config.tableName)
      expect(await findById('demo', soon())).toMatchObject({ key: 'demo-key' })
      await expect(findByKey('demo-key', soon())).rejects.toMatchObject({
        code: 'store-misconfigured',
        logFields: { storeError: 'ValidationException' },
      })
      reader.destroy()
      await partial.close()
    },
  )

  it('is unavailable when the deadline has passed before the read', async () => {
    await expect(table.findById('demo', { deadline: Date.now() - 1 })).rejects.toMatchObject({
      code: 'store-unavailable',
    })
  })
})
