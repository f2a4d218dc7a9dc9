import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hashToken, parseConsumers } from '../../functions/consumers.ts'
import { type Fate, startFaultyDynamoDB } from './faulty-dynamodb.ts'
import { json, run, startTable, type TestTable } from './run.ts'

let table: TestTable
const on = (...args: string[]) => run([...args, ...table.options])
const show = async (id: string) =>
  json<{ app: Record<string, unknown> }>(await on('show', id, '--secret', '--json')).app

beforeAll(async () => {
  table = await startTable()
})
afterAll(() => table.close())

describe('create', () => {
  it('makes an id, a key and a secret, and shows the secret once', async () => {
    const made = await on('create', '--max-connections', '5', '--enable-client-messages', '--json')
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
    expect(await show(app.id ?? '')).toEqual(app)
  })

  it('makes no two secrets alike', async () => {
    const secrets = await Promise.all(Array.from({ length: 3 }, () => on('create', '--json')))
    expect(new Set(secrets.map((ran) => json<{ app: { secret: string } }>(ran).app.secret)).size).toBe(3)
  })

  it('refuses an id or a key in use, and leaves the app that has it as it is', async () => {
    await on('create', '--id', 'taken', '--key', 'taken-key')
    const before = await show('taken')
    expect(await on('create', '--id', 'taken')).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining('The id taken is in use'),
    })
    expect(await on('create', '--id', 'other', '--key', 'taken-key')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('in use by the app taken'),
    })
    expect((await on('show', 'other')).code).toBe(1)
    expect(await show('taken')).toEqual(before)
  })

  it('takes a secret that exists from stdin or a prompt, and does not repeat it', async () => {
    const secret = 'a-secret-that-exists'
    const piped = await run(['create', '--id', 'piped', '--ask-secret', '--json', ...table.options], {
      stdin: `${secret}\n`,
    })
    const typed = await run(['create', '--id', 'typed', '--ask-secret', ...table.options], {
      keys: `${secret}\r`,
    })
    expect([piped.code, typed.code]).toEqual([0, 0])
    for (const { stdout, stderr } of [piped, typed]) expect(stdout + stderr).not.toContain(secret)
    expect(await show('piped')).toMatchObject({ secret })
    expect(await show('typed')).toMatchObject({ secret })
  })

  it('warns of a number that soketi reads otherwise, and refuses what is none', async () => {
    const zero = await on('create', '--id', 'zero', '--max-connections', '0')
    expect(zero).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(/MaxConnections is 0, .* unlimited/),
    })
    expect((await on('create', '--max-connections', 'many')).code).toBe(2)
    expect((await on('create', '--max-connections', '1.5')).code).toBe(2)
  })

  it('keeps an app whose making was answered by nothing', async () => {
    let lost = 0
    const faulty = await startFaultyDynamoDB(table.endpoint, (operation) =>
      operation === 'PutItem' && lost++ === 0 ? 'lose-answer' : 'pass',
    )
    const made = await run(['create', '--id', 'lost', ...table.options, '--endpoint', faulty.endpoint])
    await faulty.close()
    expect(lost).toBe(2)
    expect(made.code).toBe(0)
    expect(made.stdout).toContain(String((await show('lost')).secret))
  })

  it('takes itself back when another app got the key at the same moment', async () => {
    const faulty = await startFaultyDynamoDB(table.endpoint, async (operation): Promise<Fate> => {
      if (operation === 'PutItem') await on('create', '--id', 'faster', '--key', 'contested')
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
    expect((await on('show', 'slower')).code).toBe(1)
    expect((await on('show', 'faster')).code).toBe(0)
  })
})

describe('update', () => {
  it('changes what it is told and leaves the rest', async () => {
    await on('create', '--id', 'changing', '--max-event-name-length', '9', '--max-connections', '1')
    const { secret, key } = await show('changing')
    const changed = await on(
      'update',
      'changing',
      '--max-connections',
      '-1',
      '--no-enabled',
      '--unset',
      'maxEventNameLength',
    )
    expect(changed).toMatchObject({ code: 0, stderr: '' })
    expect(await show('changing')).toEqual({
      id: 'changing',
      key,
      secret,
      enabled: false,
      maxConnections: -1,
    })
  })

  it('gives an app another key unless that is in use', async () => {
    await on('create', '--id', 'moving', '--key', 'old-key')
    await on('create', '--id', 'standing', '--key', 'standing-key')
    expect((await on('update', 'moving', '--key', 'standing-key')).code).toBe(1)
    expect((await on('update', 'moving', '--key', 'new-key')).code).toBe(0)
    expect(await show('moving')).toMatchObject({ key: 'new-key' })
    expect((await on('show', '--key', 'old-key')).code).toBe(1)
  })

  it('reads webhooks from a pipe', async () => {
    await on('create', '--id', 'hooked')
    const webhooks = [
      { url: 'https://example.com/hook', event_types: ['channel_occupied'], headers: { a: 'b' } },
    ]
    const ran = await run(['update', 'hooked', '--webhooks', '-', ...table.options], {
      stdin: JSON.stringify(webhooks),
    })
    expect(ran.code).toBe(0)
    expect(await show('hooked')).toMatchObject({ webhooks })
    expect((await on('show', 'hooked')).stdout).not.toContain('headers')
  })

  it.each([
    ['no such app', ['update', 'nowhere', '--enabled'], 1, /no app with the id nowhere/],
    ['nothing to change', ['update', 'changing'], 2, /nothing to change/],
    [
      'both ways at once',
      ['update', 'changing', '--enabled', '--unset', 'enabled'],
      2,
      /can't be set and unset/,
    ],
  ])('refuses %s', async (_, args, code, message) => {
    const ran = await on(...args)
    expect(ran).toMatchObject({ code, stdout: '' })
    expect(ran.stderr).toMatch(message)
  })
})

describe('enable and disable', () => {
  it('change nothing else', async () => {
    await on('create', '--id', 'switched')
    const before = await show('switched')
    expect((await on('disable', 'switched')).code).toBe(0)
    expect(await show('switched')).toEqual({ ...before, enabled: false })
    expect((await on('enable', 'switched')).code).toBe(0)
    expect(await show('switched')).toEqual(before)
    expect((await on('enable', 'nowhere')).code).toBe(1)
  })
})

describe('rotate-secret', () => {
  it('gives an app another secret and shows it once', async () => {
    await on('create', '--id', 'rotated')
    const before = await show('rotated')
    const { secret } = json(await on('rotate-secret', 'rotated', '--json'))
    expect(secret).toMatch(/^[0-9a-f]{64}$/)
    expect(secret).not.toBe(before.secret)
    expect(await show('rotated')).toEqual({ ...before, secret })
  })
})

describe('show and list', () => {
  it('hide the secret unless asked', async () => {
    await on('create', '--id', 'shown', '--key', 'shown-key')
    const { secret } = await show('shown')
    const [plain, asked, listed] = [
      await on('show', '--key', 'shown-key'),
      await on('show', 'shown', '--secret'),
      await on('list', '--json'),
    ]
    expect(plain.stdout + listed.stdout).not.toContain(secret)
    expect(asked.stdout).toContain(secret)
    expect(json<{ id: string }[]>(listed).map(({ id }) => id)).toContain('shown')
  })

  it('lists by text', async () => {
    const ids = json<{ id: string }[]>(await on('list', '--search', 'shown-k', '--json')).map(({ id }) => id)
    expect(ids).toEqual(['shown'])
  })

  it('writes out control characters', async () => {
    await on('create', '--id', 'red\u001b[31m')
    expect((await on('list')).stdout).toContain('red\\u{1b}[31m')
  })
})

describe('delete', () => {
  it('asks, and deletes on yes alone', async () => {
    await on('create', '--id', 'doomed')
    const args = ['delete', 'doomed', ...table.options]
    expect(await run(args, { keys: 'n' })).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('Nothing was deleted'),
    })
    expect(await run(args, { keys: '\u0003' })).toMatchObject({
      code: 130,
      stderr: expect.stringContaining('nothing was changed'),
    })
    expect(await run(args)).toMatchObject({ code: 2, stderr: expect.stringContaining('--yes') })
    expect((await on('show', 'doomed')).code).toBe(0)
    expect((await run(args, { keys: 'y' })).code).toBe(0)
    expect((await on('delete', 'doomed', '--yes')).code).toBe(1)
  })
})

describe('token', () => {
  it('makes a token whose entry the authorizer takes', async () => {
    const { token, entry } = json<{ token: string; entry: string }>(
      await run(['token', 'dashboard', '--public', '--json']),
    )
    expect(token).toMatch(/^sal_[\w-]{43}$/)
    expect(parseConsumers(entry)).toEqual([
      { consumer: 'dashboard', scope: 'public', sha256: Buffer.from(hashToken(token), 'base64url') },
    ])
    expect(json(await run(['token', 'backend', '--json']))).toMatchObject({ scope: 'full' })
  })

  it.each(['a b', 'a,b', 'a:full:x,b', '', 'n'.repeat(41)])(
    'refuses the name "%s" without repeating it',
    async (name) => {
      const ran = await run(['token', name])
      expect(ran).toMatchObject({ code: 2, stdout: '' })
      expect(ran.stderr).toBe('The name of a consumer is 1 to 40 of A-Z, a-z, 0-9, ".", "_" and "-".\n')
    },
  )
})

describe('a command line', () => {
  it('that is wrong ends with 2, and repeats no value', async () => {
    for (const args of [
      ['create', '--secret=hidden'],
      ['frobnicate'],
      [],
      ['show'],
      ['list', '--endpoint', 'hidden'],
    ])
      expect((await run(args)).code).toBe(2)
    expect((await run(['create', '--secret=hidden'])).stderr).not.toContain('hidden')
  })

  it('is explained by --help, with an example, for every command', async () => {
    const names = [...(await run(['--help'])).stdout.matchAll(/^ {2}([a-z-]+) /gm)].map(
      ([, name]) => name ?? '',
    )
    expect(names).toHaveLength(15)
    const commands = names.flatMap((name) =>
      name === 'help'
        ? []
        : name === 'table'
          ? [
              ['table', 'create'],
              ['table', 'describe'],
              ['table', 'compare'],
            ]
          : [[name]],
    )
    for (const command of commands) {
      const { code, stdout } = await run([...command, '--help'])
      expect(code).toBe(0)
      expect(stdout).toMatch(/Example:\n {2}npm run /)
      expect(stdout).toContain('--json')
    }
  })

  it.each([
    [
      'no table',
      (endpoint: string) => ['list', '--endpoint', endpoint, '--table', 'none-such'],
      /^There is no table none-such .* table create\n$/,
    ],
    [
      'no DynamoDB',
      () => ['list', '--endpoint', 'http://127.0.0.1:9'],
      /^Nothing answers at 127.0.0.1:9 \(ECONNREFUSED\).*\n$/,
    ],
    [
      'no file',
      (endpoint: string) => ['import', 'none-such.json', '--endpoint', endpoint],
      /^The file none-such.json can't be used \(ENOENT\).*\n$/,
    ],
  ])('fails with one sentence for %s', async (_, args, message) => {
    const ran = await run(args(table.endpoint))
    expect(ran).toMatchObject({ code: 1, stdout: '' })
    expect(ran.stderr).toMatch(message)
  })
})
