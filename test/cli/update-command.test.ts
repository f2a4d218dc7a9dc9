import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { json, run } from '../../harness/run-command.ts'
import { showApp, startTable, type TestTable } from './test-table.ts'

let table: TestTable

beforeAll(async () => {
  table = await startTable()
})
afterAll(() => table.close())

describe('update', () => {
  it('changes the given fields and no others', async () => {
    await table.on('create', '--id', 'changing', '--max-event-name-length', '9', '--max-connections', '1')
    const { secret, key } = await showApp(table, 'changing')
    const changed = await table.on(
      'update',
      'changing',
      '--max-connections',
      '-1',
      '--no-enabled',
      '--unset',
      'maxEventNameLength',
    )
    expect(changed).toMatchObject({ code: 0, stderr: expect.stringMatching(/^Table \S+ in .*\n$/) })
    expect(await showApp(table, 'changing')).toEqual({
      id: 'changing',
      key,
      secret,
      enabled: false,
      maxConnections: -1,
    })
  })

  it('changes the key of an app unless the new key is in use', async () => {
    await table.on('create', '--id', 'moving', '--key', 'old-key')
    await table.on('create', '--id', 'standing', '--key', 'standing-key')
    expect((await table.on('update', 'moving', '--key', 'standing-key')).code).toBe(1)
    expect((await table.on('update', 'moving', '--key', 'new-key')).code).toBe(0)
    expect(await showApp(table, 'moving')).toMatchObject({ key: 'new-key' })
    expect((await table.on('show', '--key', 'old-key')).code).toBe(1)
  })

  it('reads webhooks from a pipe', async () => {
    await table.on('create', '--id', 'hooked')
    const webhooks = [
      { url: 'https://example.com/hook', event_types: ['channel_occupied'], headers: { a: 'b' } },
    ]
    const ran = await run(['update', 'hooked', '--webhooks', '-', ...table.options], {
      stdin: JSON.stringify(webhooks),
    })
    expect(ran.code).toBe(0)
    expect(await showApp(table, 'hooked')).toMatchObject({ webhooks })
    expect((await table.on('show', 'hooked')).stdout).not.toContain('headers')
  })

  it.each([
    ['no such app', ['update', 'nowhere', '--enabled'], 1, /no app with the id nowhere/],
    ['nothing to change', ['update', 'changing'], 2, /nothing to change/],
    [
      'both ways at once',
      ['update', 'changing', '--enabled', '--unset', 'enabled'],
      2,
      /can't be both set and unset/,
    ],
  ])('rejects %s', async (_, args, code, message) => {
    const ran = await table.on(...args)
    expect(ran).toMatchObject({ code, stdout: '' })
    expect(ran.stderr).toMatch(message)
  })
})

describe('enable and disable', () => {
  it('change only whether the app is enabled', async () => {
    await table.on('create', '--id', 'switched')
    const before = await showApp(table, 'switched')
    expect((await table.on('disable', 'switched')).code).toBe(0)
    expect(await showApp(table, 'switched')).toEqual({ ...before, enabled: false })
    expect((await table.on('enable', 'switched')).code).toBe(0)
    expect(await showApp(table, 'switched')).toEqual(before)
    expect((await table.on('enable', 'nowhere')).code).toBe(1)
  })
})

describe('show and list', () => {
  it('hide the secret without --secret', async () => {
    await table.on('create', '--id', 'shown', '--key', 'shown-key')
    const { secret } = await showApp(table, 'shown')
    const [plain, asked, listed] = [
      await table.on('show', '--key', 'shown-key'),
      await table.on('show', 'shown', '--secret'),
      await table.on('list', '--json'),
    ]
    expect(plain.stdout + listed.stdout).not.toContain(secret)
    expect(asked.stdout).toContain(secret)
    expect(json<{ id: string }[]>(listed).map(({ id }) => id)).toContain('shown')
  })

  it('list the apps that contain the text', async () => {
    const ids = json<{ id: string }[]>(await table.on('list', '--search', 'shown-k', '--json')).map(
      ({ id }) => id,
    )
    expect(ids).toEqual(['shown'])
  })

  it('escape control characters', async () => {
    await table.on('create', '--id', 'red\u001b[31m')
    expect((await table.on('list')).stdout).toContain('red\\u{1b}[31m')
  })
})

describe('disable', () => {
  it('asks on a terminal, and not in a script', async () => {
    await table.on('create', '--id', 'asked')
    const enabled = async () => (await showApp(table, 'asked')).enabled
    const args = ['disable', 'asked', ...table.options]
    expect(await run(args, { keys: 'n' })).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('Nothing was changed.'),
    })
    expect(await enabled()).toBe(true)
    expect((await run(args, { keys: 'y' })).code).toBe(0)
    expect(await enabled()).toBe(false)
    await table.on('enable', 'asked')
    expect((await run([...args, '--yes'], { keys: 'n' })).code).toBe(0)
    await table.on('enable', 'asked')
    expect((await run(args)).code).toBe(0)
    expect(await enabled()).toBe(false)
  })
})

describe('delete', () => {
  it('asks for confirmation, and deletes only after yes', async () => {
    await table.on('create', '--id', 'doomed')
    const args = ['delete', 'doomed', ...table.options]
    expect(await run(args, { keys: 'n' })).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('Nothing was deleted'),
    })
    expect(await run(args, { keys: '\u0003' })).toMatchObject({
      code: 130,
      stderr: expect.stringContaining('Nothing was changed'),
    })
    expect(await run(args)).toMatchObject({ code: 2, stderr: expect.stringContaining('--yes') })
    expect((await table.on('show', 'doomed')).code).toBe(0)
    expect((await run(args, { keys: 'y' })).code).toBe(0)
    expect((await table.on('delete', 'doomed', '--yes')).code).toBe(1)
  })
})
