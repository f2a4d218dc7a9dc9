import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PutItemCommand } from '@aws-sdk/client-dynamodb'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createClient } from '../../cli/table/table-options.ts'
import type { App } from '../../functions/apps/app.ts'
import type { Item } from '../../functions/apps/item.ts'
import { json, run } from '../../harness/run-command.ts'
import { type Fate, type FaultyDynamoDB, startFaultyDynamoDB } from './faulty-dynamodb.ts'
import { startTable, type TestTable } from './test-table.ts'

const app = (id: string, more: Partial<App> = {}): Partial<App> => ({
  id,
  key: `${id}-key`,
  secret: `${id}-secret-of-a-sample`,
  ...more,
})
const apps = (count: number) => Array.from({ length: count }, (_, index) => app(`app-${index}`))

let folder: string
let table: TestTable
const through = ({ endpoint }: FaultyDynamoDB, ...args: string[]) =>
  run([...args, ...table.options, '--endpoint', endpoint])
const put = (item: Item) => {
  const client = createClient({ table: '', endpoint: table.endpoint })
  return client.send(new PutItemCommand({ TableName: table.options[3], Item: item }))
}
const read = async () => {
  const { stdout } = await table.on('export', '--secrets', '--format', 'jsonl')
  return stdout.split('\n').flatMap((line) => (line ? [JSON.parse(line) as App] : []))
}
const file = async (value: unknown, name = 'apps.json') => {
  const path = join(folder, name)
  await writeFile(path, typeof value === 'string' ? value : JSON.stringify(value))
  return path
}
const importing = async (value: unknown, ...options: string[]) => {
  const ran = await table.on('import', await file(value), '--json', ...options)
  return { ...json<{ rejected: object[] }>(ran), code: ran.code, stderr: ran.stderr }
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'soketi-apps-'))
})
afterAll(() => rm(folder, { recursive: true }))
beforeEach(async () => {
  table = await startTable()
})
afterEach(() => table.close())

describe('import', () => {
  it("imports soketi's array configuration, and leaves it unchanged the second time", async () => {
    const config = {
      debug: true,
      'appManager.array.apps': [
        app('a', { maxConnections: 7, webhooks: [] }),
        { ...app('b'), id: 12, enabled: false },
      ],
    }
    expect(await importing(config)).toMatchObject({ code: 0, created: 2, unchanged: 0, rejected: [] })
    expect(await read()).toEqual([
      { ...app('b'), id: '12', enabled: false },
      { ...app('a', { maxConnections: 7, webhooks: [] }), enabled: true },
    ])
    expect(await importing(config)).toMatchObject({ code: 0, created: 0, unchanged: 2, rejected: [] })
  })

  it('writes nothing in a dry run, and reports what it would write', async () => {
    expect(await importing([app('a'), { id: 'b' }], '--dry-run')).toMatchObject({
      code: 1,
      dryRun: true,
      created: 1,
      rejected: [{ id: 'b' }],
    })
    expect(await read()).toEqual([])
  })

  it('reports each rejected app with its reason, and writes the others', async () => {
    await importing([app('there'), app('other')])
    const result = await importing([
      app('there', { maxConnections: 1 }),
      app('a'),
      app('a'),
      app('b', { key: 'a-key' }),
      app('c', { key: 'other-key' }),
      app('d', { maxConnections: 0.5 }),
      'hidden',
    ])
    expect(result).toMatchObject({ code: 1, created: 1, replaced: 0, unchanged: 0 })
    expect(result.rejected).toEqual([
      { place: 'app 1', id: 'there', reason: expect.stringContaining('--overwrite') },
      { place: 'app 3', id: 'a', reason: 'has the same id as app 2.' },
      { place: 'app 4', id: 'b', reason: 'has the same key as app 2.' },
      { place: 'app 5', id: 'c', reason: 'has the same key as other, which is in the table.' },
      { place: 'app 6', id: 'd', reason: expect.stringMatching(/^maxConnections is not a whole number/) },
      { place: 'app 7', reason: 'is not an object with the fields of an app.' },
    ])
    expect((await read()).map(({ id }) => id)).toEqual(['a', 'other', 'there'])
    expect((await read()).find(({ id }) => id === 'there')).not.toHaveProperty('maxConnections')
  })

  it('replaces only with --overwrite, and keeps the attributes that soketi does not have', async () => {
    const item = {
      AppId: { S: 'a' },
      AppKey: { S: 'a-key' },
      AppSecret: { S: 'old' },
      MaxConnections: { N: '1' },
      Owner: { S: 'me' },
    }
    await put(item)
    expect(await importing([app('a'), app('b')], '--overwrite')).toMatchObject({
      code: 0,
      created: 1,
      replaced: 1,
    })
    expect((await read())[0]).toEqual({ ...app('a'), enabled: true })
    expect(json(await table.on('show', 'a', '--json'))).toMatchObject({ otherAttributes: ['Owner'] })
  })

  it('rewrites, with --overwrite, an equal app in a form that soketi reads differently', async () => {
    const disabled = {
      AppId: { S: 'a' },
      AppKey: { S: 'a-key' },
      AppSecret: { S: 'a-secret-of-a-sample' },
      Enabled: { B: Buffer.from('false') },
    }
    await put(disabled)
    const record = app('a', { enabled: false })
    expect(await importing([record])).toMatchObject({ unchanged: 1, replaced: 0 })
    expect((await table.on('check', '--strict')).code).toBe(1)
    expect(await importing([record], '--overwrite')).toMatchObject({ unchanged: 0, replaced: 1 })
    expect((await table.on('check', '--strict')).code).toBe(0)
  })

  it('warns about unknown fields and invalid limits, and prints no secret', async () => {
    const { code, stderr } = await importing([
      { ...app('a', { maxConnections: 0 }), colour: 'red' },
      app('b', { secret: '' }),
    ])
    expect(code).toBe(1)
    expect(stderr).toMatch(/app 1 \(a\): soketi has no field colour.*\n.*app 1 \(a\): MaxConnections is 0/)
    expect(stderr).not.toMatch(/secret-of-a-sample/)
  })

  it('prints equal warnings as one line, and each of them with --all, as check does', async () => {
    const many = apps(5).map((one) => ({ ...one, maxConnections: 0, colour: 'red' }))
    const first = 'app-0, app-1, app-2 and 2 more'
    const one = await importing(many)
    expect(one.stderr.match(/^Warning: .*$/gm)).toEqual([
      `Warning: 5 apps (${first}): soketi has no field colour, so it is not imported.`,
      expect.stringContaining(`Warning: 5 apps (${first}): MaxConnections is 0`),
    ])
    expect(one).toMatchObject({ created: 5, warnings: expect.objectContaining({ length: 10 }) })
    expect((await importing(many, '--overwrite', '--all', '--dry-run')).stderr).not.toContain('Warning')

    expect((await table.on('check')).stdout).toMatch(
      new RegExp(`\\n${first} +warning +MaxConnections is 0.*\\n$`),
    )
    expect((await table.on('check', '--all')).stdout.match(/^app-\d +warning/gm)).toHaveLength(5)
    await Promise.all(apps(5).map(({ id = '' }) => table.on('delete', id, '--yes')))
    expect((await importing(many, '--all')).stderr.match(/^Warning: app \d \(app-\d\)/gm)).toHaveLength(10)
  })

  it('retries throttled writes until they succeed', async () => {
    const throttled = new Map<string, number>()
    const faulty = await startFaultyDynamoDB(table.endpoint, (operation, body) => {
      const seen = throttled.get(body) ?? 0
      throttled.set(body, seen + 1)
      return operation !== 'DescribeTable' && seen < 2 ? 'throttle' : 'pass'
    })
    const ran = await through(faulty, 'import', await file(apps(5)), '--json')
    await faulty.close()
    expect(ran).toMatchObject({ code: 0, stderr: expect.stringMatching(/^Table \S+ in .*\n$/) })
    expect(json(ran)).toMatchObject({ created: 5 })
    expect([...throttled.values()]).toEqual(Array(7).fill(3)) // a scan before, five writes, a scan after
    expect(await read()).toHaveLength(5)
  })

  it('counts a write whose response was lost', async () => {
    const seen = new Set<string>()
    const faulty = await startFaultyDynamoDB(table.endpoint, (operation, body) => {
      if (operation !== 'PutItem' || seen.has(body)) return 'pass'
      seen.add(body)
      return 'lose-answer'
    })
    const ran = await through(faulty, 'import', await file(apps(3)), '--json')
    await faulty.close()
    expect(ran.code).toBe(0)
    expect(json(ran)).toMatchObject({ unchanged: 3, rejected: [], notWritten: 0 })
    expect(await read()).toHaveLength(3)
  })

  it('rejects an app that was added to the table in the meantime, and reports a key that was', async () => {
    const faulty = await startFaultyDynamoDB(table.endpoint, async (operation, body): Promise<Fate> => {
      const rival = { AppId: { S: 'app-0' }, AppKey: { S: 'app-1-key' } }
      if (operation === 'PutItem' && body.includes('"app-0"')) await put(rival)
      return 'pass'
    })
    const ran = await through(faulty, 'import', await file(apps(2)), '--json')
    await faulty.close()
    expect(ran.code).toBe(1)
    expect(json(ran)).toMatchObject({
      created: 1,
      rejected: [{ place: 'app 1', id: 'app-0' }],
      keyConflicts: [
        {
          place: 'app 2',
          id: 'app-1',
          reason: expect.stringContaining('app-0, which was written meanwhile'),
        },
      ],
    })
  })

  it('stops at an error that does not concern one app, reports what was done, and continues when run again', async () => {
    const path = await file(apps(30))
    const stopped = new AbortController()
    let puts = 0
    const faulty = await startFaultyDynamoDB(table.endpoint, (operation) => {
      if (operation !== 'PutItem') return 'pass'
      puts += 1
      if (puts === 10) stopped.abort()
      return puts > 12 ? 'throttle' : 'pass'
    })
    const first = await run(['import', path, '--json', ...table.options, '--endpoint', faulty.endpoint], {
      stopped: stopped.signal,
    })
    await faulty.close()
    const written = await read()
    expect(first.code).toBe(130)
    expect(json(first)).toMatchObject({ created: written.length, notWritten: 30 - written.length })
    expect(first.stderr).toContain(`${30 - written.length} apps not written yet`)
    expect(written.length).toBeGreaterThan(0)

    const second = await table.on('import', path, '--json')
    expect(second.code).toBe(0)
    expect(json(second)).toMatchObject({
      created: 30 - written.length,
      unchanged: written.length,
      notWritten: 0,
    })
  })
})
