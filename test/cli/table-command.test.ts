import {
  CreateTableCommand,
  type CreateTableCommandInput,
  PutItemCommand,
  ScanCommand,
} from '@aws-sdk/client-dynamodb'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Requirement } from '../../cli/table/requirement.ts'
import { createClient } from '../../cli/table/table-options.ts'
import { compareTable } from '../../cli/table/table-requirements.ts'
import { SAMPLE_APPS } from '../../dev/sample-apps.ts'
import { readStack } from '../../dev/stack.ts'
import { json, run } from '../../harness/run-command.ts'
import { INDEX_ARN, startFaultyDynamoDB } from './faulty-dynamodb.ts'
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
  const APP = { AppKey: { S: 'a-key' }, AppSecret: { S: 'secret-of-a-sample' } }
  it.each([
    ["another server's key", 'id (S)', { id: 'S' }, { ...APP, id: { S: '7' } }],
    ['a numeric AppId', 'AppId (N)', { AppId: 'N' }, { ...APP, AppId: { N: '7' } }],
    ['a sort key', 'AppId (S) and AppKey (S)', { AppId: 'S', AppKey: 'S' }, { ...APP, AppId: { S: '7' } }],
  ] as const)('reports %s, and how to copy the apps, which works', async (kind, current, key, item) => {
    const name = kind.replaceAll(/\W/g, '-')
    await make({
      TableName: name,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: Object.entries(key).map(([AttributeName, AttributeType]) => ({
        AttributeName,
        AttributeType,
      })),
      KeySchema: Object.keys(key).map((AttributeName, index) => ({
        AttributeName,
        KeyType: index === 0 ? 'HASH' : 'RANGE',
      })),
    })
    const ran = await run(['table', 'compare', '--json', ...at(name)])
    expect(ran).toMatchObject({
      code: 1,
      stderr: `The table ${name} does not work for lookups by id and lookups by key.\n`,
    })
    expect(json<Requirement[]>(ran).filter(({ state }) => state === 'missing')).toMatchObject([
      {
        current,
        fix: expect.stringMatching(/aws dynamodb scan [\s\S]* table create [\s\S]* import apps\.json/),
      },
      { current: 'none', fix: expect.stringMatching(/^Add the index:\n {2}aws dynamodb update-table /) },
    ])

    const client = createClient({ table: '', endpoint: samples.endpoint })
    await client.send(new PutItemCommand({ TableName: name, Item: item }))
    const { Items } = await client.send(new ScanCommand({ TableName: name }))
    expect((await run(['table', 'create', ...at(`${name}-2`)])).code).toBe(0)
    const scan = { stdin: JSON.stringify({ Items }) }
    expect((await run(['import', '-', ...at(`${name}-2`)], scan)).code).toBe(0)
    expect((await run(['show', '7', ...at(`${name}-2`)])).code).toBe(0)
    expect((await run(['table', 'compare', ...at(`${name}-2`)])).code).toBe(0)
  })

  it('says that lookups by a sorted index work, and how to replace an index', async () => {
    const { table } = readStack({})
    const indexOf = (keys: string[], ProjectionType: 'ALL' | 'KEYS_ONLY') => ({
      ...table,
      TableName: `index-${keys.length}-${ProjectionType}`,
      AttributeDefinitions: ['AppId', ...keys].map((AttributeName) => ({
        AttributeName,
        AttributeType: 'S' as const,
      })),
      GlobalSecondaryIndexes: [
        {
          IndexName: 'AppKeyIndex',
          KeySchema: keys.map((AttributeName, index) => ({
            AttributeName,
            KeyType: index === 0 ? ('HASH' as const) : ('RANGE' as const),
          })),
          Projection: { ProjectionType },
        },
      ],
    })
    await make(indexOf(['AppKey', 'CreatedAt'], 'ALL'))
    await make(indexOf(['AppKey'], 'KEYS_ONLY'))
    const sorted = await run(['table', 'compare', '--json', ...at('index-2-ALL')])
    expect(sorted.code).toBe(0)
    expect(json<Requirement[]>(sorted).filter(({ what }) => what.includes('AppKeyIndex'))).toMatchObject([
      { state: 'ok' },
      {
        state: 'recommended',
        current: 'CreatedAt',
        fix: expect.stringMatching(/^Lookups by key find the apps/),
      },
    ])

    const partial = await run(['table', 'compare', '--json', ...at('index-1-KEYS_ONLY')])
    expect(partial.stderr).toBe('The table index-1-KEYS_ONLY does not work for lookups by key.\n')
    const [missing, ...others] = json<Requirement[]>(partial).filter(({ state }) => state === 'missing')
    expect(others).toEqual([])
    const updates = [...(missing?.fix ?? '').matchAll(/updates '(.*)'/g)].map(([, json = '']) =>
      JSON.parse(json),
    )
    expect(updates).toMatchObject([
      [{ Delete: { IndexName: 'AppKeyIndex' } }],
      [{ Create: { IndexName: 'AppKeyIndex', Projection: { ProjectionType: 'ALL' } } }],
    ])
  })

  it('names the index that the credentials must be allowed to query', async () => {
    const denying = await startFaultyDynamoDB(samples.endpoint, (operation) =>
      operation === 'Query' ? 'deny' : 'pass',
    )
    const on = [...samples.options, '--endpoint', denying.endpoint]
    const compared = await run(['table', 'compare', '--json', ...on])
    expect(json<Requirement[]>(compared).filter(({ state }) => state === 'missing')).toMatchObject([
      {
        current: 'AppKey (S), ALL, ACTIVE, access denied',
        fix: expect.stringMatching(/must allow dynamodb:Query on arn:aws:dynamodb:\S+\/index\/AppKeyIndex$/),
      },
    ])
    const shown = await run(['show', '--key', 'demo-key', ...on])
    await denying.close()
    expect(shown).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(`beside the table: ${INDEX_ARN}\n`),
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
    const denied = { byId: false, byKey: false }
    const states = (needs: Requirement[]) =>
      needs.flatMap(({ state, what }) => (state === 'ok' ? [] : [`${state}: ${what}`]))
    expect(states(compareTable({ table: asMade, pointInTimeRecovery: 'on', denied }))).toEqual([])
    const bare = {
      ...asMade,
      BillingModeSummary: undefined,
      StreamSpecification: undefined,
      DeletionProtectionEnabled: false,
    }
    expect(states(compareTable({ table: bare, pointInTimeRecovery: 'off', denied }))).toEqual([
      'recommended: its capacity is on demand',
      'recommended: deletion protection is on',
      'recommended: point-in-time recovery is on',
      'recommended: its stream has new and old images, for replicas and the change feed',
    ])
  })
})

describe('check', () => {
  it('fails on errors, and lists them as JSON', async () => {
    const ran = await run(['check', '--json', ...samples.options])
    expect(ran).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^8 errors and \d+ warnings in 26 items/),
    })
    expect(json(ran)).toMatchObject({ items: 26, errors: 8 })
  })
})
