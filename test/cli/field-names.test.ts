import { GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { encodeApp } from '../../cli/app/encode-app.ts'
import { createClient } from '../../cli/table/table-options.ts'
import type { Item } from '../../functions/apps/item.ts'
import { json, run } from '../../harness/run-command.ts'
import { type Fate, startFaultyDynamoDB } from './faulty-dynamodb.ts'
import { showApp, startTable, type TestTable } from './test-table.ts'

/** An item with each other name that soketi reads, beside the usual one and without it. */
const MIXED: Item = {
  AppId: { S: 'mixed' },
  AppKey: { S: 'mixed-key' },
  secret: { S: 'the-secret-of-mixed' },
  AppSecret: { NULL: true },
  enabled: { N: '0' },
  maxConnections: { N: '3' },
  MaxConnections: { N: '2' },
  max_connections: { N: '1' },
  max_event_batch_size: { N: '5' },
  Webhooks: { NULL: true },
  webhooks: { L: [] },
  key: { S: 'a key of the owner' },
  created_at: { S: '2026-11-30' },
}
const APP = {
  id: 'mixed',
  key: 'mixed-key',
  secret: 'the-secret-of-mixed',
  enabled: false,
  maxConnections: 1,
  maxEventBatchSize: 5,
  webhooks: [],
}

let table: TestTable
const client = () => createClient({ table: '', endpoint: table.endpoint })
const read = async (id = 'mixed') => {
  const command = new GetItemCommand({ TableName: table.options[3], Key: { AppId: { S: id } } })
  return (await client().send(command)).Item
}
const without = (...names: readonly string[]): Item =>
  Object.fromEntries(Object.entries(MIXED).filter(([name]) => !names.includes(name)))

beforeAll(async () => {
  table = await startTable()
})
beforeEach(async () => {
  await client().send(new PutItemCommand({ TableName: table.options[3], Item: MIXED }))
})
afterAll(() => table.close())

describe('an item with the other names that soketi reads', () => {
  it('is shown with the values that soketi uses', async () => {
    const shown = json<{ app: object; otherAttributes: string[] }>(
      await table.on('show', 'mixed', '--secret', '--json'),
    )
    expect(shown.app).toEqual(APP)
    expect(shown.otherAttributes.toSorted()).toEqual(['created_at', 'key'])
  })

  it.each<[string, string[], Item]>([
    [
      'update',
      ['update', 'mixed', '--max-connections', '9'],
      { ...without('maxConnections', 'max_connections'), MaxConnections: { N: '9' } },
    ],
    [
      'update --unset',
      ['update', 'mixed', '--unset', 'maxConnections', 'webhooks'],
      without('maxConnections', 'MaxConnections', 'max_connections', 'Webhooks', 'webhooks'),
    ],
    ['enable', ['enable', 'mixed'], { ...without('enabled'), Enabled: { BOOL: true } }],
    ['disable', ['disable', 'mixed'], { ...without('enabled'), Enabled: { BOOL: false } }],
  ])('keeps only the usual name of a field that %s changes', async (_, args, after) => {
    expect(await table.on(...args)).toMatchObject({ code: 0 })
    expect(await read()).toEqual(after)
  })

  it('names a changed field once', async () => {
    const ran = await table.on('update', 'mixed', '--max-connections', '9', '--unset', 'webhooks', '--json')
    expect(json(ran)).toEqual({ id: 'mixed', changed: ['MaxConnections', 'Webhooks'] })
  })

  it('keeps only AppSecret after rotate-secret', async () => {
    const { secret, previousSecretUntil } = json(await table.on('rotate-secret', 'mixed', '--json'))
    expect(await read()).toEqual({
      ...without('secret', 'AppSecret'),
      AppSecret: { S: secret },
      PreviousAppSecret: MIXED.secret,
      PreviousAppSecretUntil: { N: String(previousSecretUntil) },
    })
  })

  it('is the same app to import, which with --overwrite keeps only the usual names', async () => {
    const importing = async (...options: string[]) =>
      json(
        await run(['import', '-', '--json', ...options, ...table.options], { stdin: JSON.stringify([APP]) }),
      )
    expect(await importing()).toMatchObject({ unchanged: 1, replaced: 0 })
    expect(await importing('--overwrite')).toMatchObject({ unchanged: 0, replaced: 1 })
    expect(await read()).toEqual({ ...encodeApp(APP), key: MIXED.key, created_at: MIXED.created_at })
    expect(await importing('--overwrite')).toMatchObject({ unchanged: 1, replaced: 0 })
  })

  it('has its names again when an update is reverted', async () => {
    const faulty = await startFaultyDynamoDB(table.endpoint, async (operation, body): Promise<Fate> => {
      const isFirst = operation === 'UpdateItem' && body.includes('contested')
      if (isFirst) await table.on('create', '--id', 'faster', '--key', 'contested')
      return 'pass'
    })
    const ran = await run([
      ...['update', 'mixed', '--key', 'contested', '--max-connections', '9', '--unset', 'webhooks'],
      ...[...table.options, '--endpoint', faulty.endpoint],
    ])
    await faulty.close()
    expect(ran).toMatchObject({ code: 1, stderr: expect.stringContaining('reverted') })
    expect(await read()).toEqual(MIXED)
    expect(await showApp(table, 'mixed')).toEqual(APP)
  })
})
