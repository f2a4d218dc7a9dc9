import { CreateTableCommand, type CreateTableCommandInput } from '@aws-sdk/client-dynamodb'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createClient } from '../../cli/table/table-options.ts'
import type { Requirement } from '../../cli/table/table-requirements.ts'
import { compareTable } from '../../cli/table/table-requirements.ts'
import { SAMPLE_APPS } from '../../dev/sample-apps.ts'
import { readStack } from '../../dev/stack.ts'
import { json, run } from '../../harness/run-command.ts'
import { startTable, type TestTable } from './test-table.ts'

let samples: TestTable
const at = (table: string) => ['--endpoint', samples.endpoint, '--table', table]
const make = (table: CreateTableCommandInput) =>
  createClient({ table: '', endpoint: samples.endpoint }).send(new CreateTableCommand(table))

beforeAll(async () => {
  samples = await startTable(SAMPLE_APPS)
})
afterAll(() => samples.close())

describe('table create', () => {
  it('creates a table in which an app can be created, found and checked', async () => {
    expect((await run(['list', ...at('fresh')])).code).toBe(1)
    expect(await run(['table', 'create', ...at('fresh')])).toEqual({
      code: 0,
      stdout: 'Created the table fresh.\n',
      stderr: `Table fresh in us-east-1, at ${samples.endpoint}\nThis DynamoDB does not support point-in-time recovery.\n`,
    })
    expect((await run(['create', '--id', 'a', '--key', 'a-key', ...at('fresh')])).code).toBe(0)
    expect((await run(['show', '--key', 'a-key', ...at('fresh')])).code).toBe(0)
    expect((await run(['check', '--strict', ...at('fresh')])).code).toBe(0)
    expect((await run(['table', 'compare', ...at('fresh')])).code).toBe(0)
  })

  it('does not change an existing table', async () => {
    const ran = await run(['table', 'create', ...samples.options])
    expect(ran.code).toBe(1)
    expect(ran.stderr).toMatch(/exists already\. .* table compare --table apps-\S+ --endpoint http:\S+\n$/)
    expect(json(await run(['table', 'describe', '--json', ...samples.options]))).toMatchObject({
      table: { TableStatus: 'ACTIVE' },
    })
  })
})

describe('table compare', () => {
  it("reports a key that lookups can't use", async () => {
    const { GlobalSecondaryIndexes: _, ...table } = readStack({}).table
    await make({
      ...table,
      TableName: 'sorted',
      KeySchema: [
        { AttributeName: 'AppId', KeyType: 'HASH' },
        { AttributeName: 'AppKey', KeyType: 'RANGE' },
      ],
    })
    const ran = await run(['table', 'compare', '--json', ...at('sorted')])
    expect(ran.code).toBe(1)
    const missing = json<Requirement[]>(ran).filter(({ state }) => state === 'missing')
    expect(missing[0]).toMatchObject({ what: 'its key is AppId (S)', current: 'AppId (S) and AppKey (S)' })
    expect(missing[1]).toMatchObject({
      current: 'none',
      fix: expect.stringMatching(/^aws dynamodb update-table .*AppKeyIndex/),
    })
  })

  it("accepts the template's table, and recommends what only AWS supports", () => {
    const { table } = readStack({})
    const [index] = table.GlobalSecondaryIndexes ?? []
    const asMade = {
      TableName: 'apps',
      TableStatus: 'ACTIVE' as const,
      AttributeDefinitions: table.AttributeDefinitions,
      KeySchema: table.KeySchema,
      GlobalSecondaryIndexes: [{ ...index, IndexStatus: 'ACTIVE' as const }],
      BillingModeSummary: { BillingMode: 'PAY_PER_REQUEST' as const },
      StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' as const },
      DeletionProtectionEnabled: true,
    }
    const states = (needs: Requirement[]) =>
      needs.flatMap(({ state, what }) => (state === 'ok' ? [] : [`${state}: ${what}`]))
    expect(states(compareTable({ table: asMade, pointInTimeRecovery: 'on' }, table))).toEqual([])
    const bare = {
      ...asMade,
      BillingModeSummary: undefined,
      StreamSpecification: undefined,
      DeletionProtectionEnabled: false,
    }
    expect(states(compareTable({ table: bare, pointInTimeRecovery: 'off' }, table))).toEqual([
      'recommended: its capacity is on demand',
      'recommended: deletion protection is on',
      'recommended: point-in-time recovery is on',
      'recommended: its stream has new and old images, for replicas and the change feed',
    ])
    const keysOnly = {
      ...asMade,
      GlobalSecondaryIndexes: [
        { ...index, IndexStatus: 'CREATING' as const, Projection: { ProjectionType: 'KEYS_ONLY' as const } },
      ],
    }
    expect(states(compareTable({ table: keysOnly, pointInTimeRecovery: 'on' }, table))).toEqual([
      'missing: the index projects all attributes',
      'missing: the index is active',
    ])
  })
})

describe('check', () => {
  it('fails on errors, and lists them as JSON', async () => {
    const ran = await run(['check', '--json', ...samples.options])
    expect(ran).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^8 errors and \d+ warnings in 24 items/),
    })
    expect(json(ran)).toMatchObject({ items: 24, errors: 8 })
  })
})
