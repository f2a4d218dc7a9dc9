import { PutItemCommand } from '@aws-sdk/client-dynamodb'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findingsOfHeartbeat } from '../../cli/app/findings.ts'
import { createClient } from '../../cli/table/table-options.ts'
import { heartbeatIdOf } from '../../functions/apps/heartbeat.ts'
import type { Item } from '../../functions/apps/item.ts'
import { json, run } from '../../harness/run-command.ts'
import { startTable, type TestTable } from './test-table.ts'

const ID = heartbeatIdOf('eu-west-1')
// As a stack writes it.
const HEARTBEAT: Item = {
  AppId: { S: ID },
  AppKey: { S: ID },
  AppSecret: { S: 'a-secret-that-nobody-uses' },
  Enabled: { BOOL: false },
}

let table: TestTable
const put = (item: Item) =>
  createClient({ table: '', endpoint: table.endpoint }).send(
    new PutItemCommand({ TableName: table.options[3], Item: item }),
  )

beforeAll(async () => {
  table = await startTable([HEARTBEAT])
  await table.on('create', '--id', 'a')
})
afterAll(() => table.close())

describe('a heartbeat item', () => {
  it('is not part of a list, an export or a check', async () => {
    expect(json<{ id: string }[]>(await table.on('list', '--json')).map(({ id }) => id)).toEqual(['a'])
    const exported = await table.on('export', '--secrets')
    expect(exported).toMatchObject({ code: 0, stdout: expect.not.stringContaining('heartbeat') })
    expect(await table.on('check', '--strict')).toMatchObject({ code: 0, stdout: 'No problems in 1 item.\n' })
  })

  it('is reported by check when soketi would treat it as an app', async () => {
    await put({ ...HEARTBEAT, Enabled: { BOOL: true } })
    const ran = await table.on('check', '--json')
    await put(HEARTBEAT)
    expect(ran.code).toBe(1)
    expect(json(ran)).toMatchObject({ items: 1, errors: 1, findings: [{ appId: ID, level: 'error' }] })
  })

  it.each([
    { ...HEARTBEAT, AppKey: { S: 'other' } },
    { ...HEARTBEAT, AppSecret: { S: '' } },
    { ...HEARTBEAT, Enabled: { S: 'false' } },
  ])('is reported by check with a wrong attribute: %j', (item) => {
    expect(findingsOfHeartbeat(item)).toHaveLength(1)
  })

  it.each([
    ['create', ['create', '--id', ID]],
    ['create with its key', ['create', '--key', ID]],
    ['update', ['update', ID, '--enabled']],
    ['update to its key', ['update', 'a', '--key', ID]],
    ['enable', ['enable', ID]],
    ['rotate-secret', ['rotate-secret', ID]],
    ['show', ['show', ID]],
  ])('is rejected by %s', async (_, args) => {
    const ran = await table.on(...args)
    expect(ran).toMatchObject({ code: 1, stdout: '' })
    expect(ran.stderr).toMatch(/heartbeat/)
  })

  it('is rejected by import, which writes the other apps', async () => {
    const records = [
      { id: ID, key: 'k', secret: 's'.repeat(32) },
      { id: 'b', key: ID, secret: 's'.repeat(32) },
      { id: 'c', key: 'c-key', secret: 's'.repeat(32) },
    ]
    const stdin = JSON.stringify(records)
    const ran = await run(['import', '-', '--overwrite', '--json', ...table.options], { stdin })
    expect(json(ran)).toMatchObject({
      created: 1,
      rejected: [
        { id: ID, reason: expect.stringContaining('AppId is not allowed to start with ~heartbeat.') },
        { id: 'b', reason: expect.stringContaining('AppKey is not allowed to start with ~heartbeat.') },
      ],
    })
  })

  it('is deleted by delete, which says what it is', async () => {
    const question = await run(['delete', ID, ...table.options], { keys: 'n' })
    expect(question.stderr).toContain("the change feed's heartbeat for the region eu-west-1")
    expect(await table.on('delete', ID, '--yes')).toMatchObject({
      code: 0,
      stdout: "Deleted the change feed's heartbeat for the region eu-west-1.\n",
      stderr: expect.stringContaining('within a minute'),
    })
    expect((await table.on('delete', ID, '--yes')).code).toBe(1)
  })
})
