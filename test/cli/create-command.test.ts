import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { json, run } from '../../harness/run-command.ts'
import { type Fate, startFaultyDynamoDB } from './faulty-dynamodb.ts'
import { showApp, startTable, type TestTable } from './test-table.ts'

let table: TestTable

beforeAll(async () => {
  table = await startTable()
})
afterAll(() => table.close())

describe('create', () => {
  it('creates an id, a key and a secret, and prints the secret once', async () => {
    const made = await table.on('create', '--max-connections', '5', '--enable-client-messages', '--json')
    expect(made.code).toBe(0)
    const { app } = json<{ app: Record<string, string> }>(made)
    expect(app).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{16}$/),
      key: expect.stringMatching(/^[0-9a-f]{20}$/),
      secret: expect.stringMatching(/^[0-9a-f]{64}$/),
      enabled: true,
      enableClientMessages: true,
      maxConnections: 5,
    })
    expect(await showApp(table, app.id ?? '')).toEqual(app)
    expect(made.stderr).toMatch(
      /^Table apps-\S+ in us-east-1, at http:\S+\nStore the secret now. To print it again later, run show with --secret.\n$/,
    )
  })

  it('creates a different secret each time', async () => {
    const secrets = await Promise.all(Array.from({ length: 3 }, () => table.on('create', '--json')))
    expect(new Set(secrets.map((ran) => json<{ app: { secret: string } }>(ran).app.secret)).size).toBe(3)
  })

  it('rejects an id or a key in use, and does not change the app that has it', async () => {
    await table.on('create', '--id', 'taken', '--key', 'taken-key')
    const before = await showApp(table, 'taken')
    expect(await table.on('create', '--id', 'taken')).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining('The id taken is in use'),
    })
    expect(await table.on('create', '--id', 'other', '--key', 'taken-key')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('in use by the app taken'),
    })
    expect((await table.on('show', 'other')).code).toBe(1)
    expect(await showApp(table, 'taken')).toEqual(before)
  })

  it('reads an existing secret from stdin or a prompt, and does not print it', async () => {
    const secret = 'a-secret-that-exists'
    const piped = await run(['create', '--id', 'piped', '--ask-secret', '--json', ...table.options], {
      stdin: `${secret}\n`,
    })
    const typed = await run(['create', '--id', 'typed', '--ask-secret', ...table.options], {
      keys: `${secret}\r`,
    })
    expect([piped.code, typed.code]).toEqual([0, 0])
    for (const { stdout, stderr } of [piped, typed]) expect(stdout + stderr).not.toContain(secret)
    expect(await showApp(table, 'piped')).toMatchObject({ secret })
    expect(await showApp(table, 'typed')).toMatchObject({ secret })
  })

  it('warns about a number with a special meaning in soketi, and rejects text instead of a number', async () => {
    const zero = await table.on('create', '--id', 'zero', '--max-connections', '0')
    expect(zero).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(/MaxConnections is 0, .* unlimited/),
    })
    expect((await table.on('create', '--max-connections', 'many')).code).toBe(2)
    expect((await table.on('create', '--max-connections', '1.5')).code).toBe(2)
  })

  it('succeeds when the response to the write is lost', async () => {
    let lost = 0
    const faulty = await startFaultyDynamoDB(table.endpoint, (operation) =>
      operation === 'PutItem' && lost++ === 0 ? 'lose-answer' : 'pass',
    )
    const made = await run(['create', '--id', 'lost', ...table.options, '--endpoint', faulty.endpoint])
    await faulty.close()
    expect(lost).toBe(2)
    expect(made.code).toBe(0)
    expect(made.stdout).toContain(String((await showApp(table, 'lost')).secret))
  })

  it('reverts the write when another app was given the key at the same time', async () => {
    const faulty = await startFaultyDynamoDB(table.endpoint, async (operation): Promise<Fate> => {
      if (operation === 'PutItem') await table.on('create', '--id', 'faster', '--key', 'contested')
      return 'pass'
    })
    const made = await run([
      'create',
      '--id',
      'slower',
      '--key',
      'contested',
      ...table.options,
      '--endpoint',
      faulty.endpoint,
    ])
    await faulty.close()
    expect(made).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('faster') })
    expect((await table.on('show', 'slower')).code).toBe(1)
    expect((await table.on('show', 'faster')).code).toBe(0)
  })
})
