import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { run } from '../../harness/run-command.ts'
import { startTable, type TestTable } from './test-table.ts'

let table: TestTable

beforeAll(async () => {
  table = await startTable()
})
afterAll(() => table.close())

describe('a command line', () => {
  it('that is invalid exits with 2, and its error repeats no value', async () => {
    for (const args of [
      ['create', '--secret=hidden'],
      ['frobnicate'],
      [],
      ['show'],
      ['list', '--endpoint', 'hidden'],
      ['list', '--table', 'ab'],
      ['list', '--region', 'eu west'],
    ])
      expect((await run(args)).code).toBe(2)
    expect((await run(['create', '--secret=hidden'])).stderr).not.toContain('hidden')
  })

  it('prints the version', async () => {
    const { version } = JSON.parse(await readFile('package.json', 'utf8'))
    expect(await run(['--version'])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' })
  })

  it('is explained by --help, with an example, for every command', async () => {
    const names = [...(await run(['--help'])).stdout.matchAll(/^ {2}([a-z][a-z-]*) /gm)].map(
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
      expect(stdout).toMatch(/Example:\n {2}np(x soketi-apps|m run token) /)
      expect(stdout).toContain('--json')
    }
  })

  it("selects the table by an option, or by soketi's variable with either prefix", async () => {
    const [, endpoint = '', , name = ''] = table.options
    vi.stubEnv('SOKETI_APP_MANAGER_DYNAMODB_ENDPOINT', endpoint)
    vi.stubEnv('APP_MANAGER_DYNAMODB_ENDPOINT', '')
    vi.stubEnv('SOKETI_APP_MANAGER_DYNAMODB_REGION', 'eu-west-1')
    vi.stubEnv('SOKETI_APP_MANAGER_DYNAMODB_TABLE', name)
    expect(await run(['create', '--id', 'by-variable'])).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(new RegExp(`^Table ${name} in eu-west-1, at ${endpoint}\n`)),
    })
    expect((await table.on('show', 'by-variable')).code).toBe(0)

    vi.stubEnv('APP_MANAGER_DYNAMODB_TABLE', 'other')
    expect(await run(['create'])).toEqual({
      code: 2,
      stdout: '',
      stderr:
        'SOKETI_APP_MANAGER_DYNAMODB_TABLE and APP_MANAGER_DYNAMODB_TABLE are both set, and differ. Remove one of them.\n',
    })
    expect((await run(['show', 'by-variable', '--table', name])).code).toBe(0)
    vi.stubEnv('APP_MANAGER_DYNAMODB_TABLE', '')
    vi.stubEnv('SOKETI_APP_MANAGER_DYNAMODB_ENDPOINT', 'localhost')
    expect((await run(['create', '--help'])).code).toBe(0)
    expect((await run(['create'])).code).toBe(2)
  })

  it.each([
    [
      'no table',
      (endpoint: string) => ['list', '--endpoint', endpoint, '--table', 'none-such'],
      /^There is no table none-such .* table create --table none-such --endpoint http:\S+\n$/,
    ],
    [
      'no DynamoDB',
      () => ['list', '--endpoint', 'http://127.0.0.1:9'],
      /^DynamoDB at 127.0.0.1:9 does not respond \(ECONNREFUSED\)\. Check --endpoint.*\n$/,
    ],
    [
      'no file',
      (endpoint: string) => ['import', 'none-such.json', '--endpoint', endpoint],
      /^Can't open the file none-such.json: there is no such file or folder \(ENOENT\).\n$/,
    ],
    [
      'a folder in place of a file',
      (endpoint: string) => ['import', 'test', '--endpoint', endpoint],
      /^Can't open the file test: it is a folder \(EISDIR\).\n$/,
    ],
    [
      'a folder in place of a file of webhooks',
      (endpoint: string) => ['create', '--webhooks', 'test', '--endpoint', endpoint],
      /^Can't open the file test: it is a folder \(EISDIR\).\n$/,
    ],
    [
      'what cannot be an id',
      (endpoint: string) => ['delete', '', '--yes', '--endpoint', endpoint],
      /\nAppId is not 1 to 2048 bytes of Unicode text, DynamoDB's limit for a key\.\n$/,
    ],
  ])('fails with one sentence for %s', async (_, args, message) => {
    const ran = await run(args(table.endpoint))
    expect(ran).toMatchObject({ code: 1, stdout: '' })
    expect(ran.stderr).toMatch(message)
  })

  it.each([
    [{ AWS_ACCOUNT_ID: '1234 5678' }, [], /the setting AWS_ACCOUNT_ID\. Correct/],
    [
      { AWS_USE_FIPS_ENDPOINT: 'true' },
      ['--endpoint', 'http://127.0.0.1:9'],
      /AWS_USE_FIPS_ENDPOINT and APP_/,
    ],
  ])('names the settings that can not work: %j', async (environment, options, message) => {
    const names = { AWS_ACCESS_KEY_ID: 'local', AWS_SECRET_ACCESS_KEY: 'local', ...environment }
    for (const [name, value] of Object.entries(names)) vi.stubEnv(name, value)
    for (const command of ['list', 'create']) {
      const ran = await run([command, '--region', 'eu-west-1', ...options])
      expect(ran).toMatchObject({ code: 1, stdout: '', stderr: expect.stringMatching(message) })
    }
  })

  it.each([
    ['show', ''],
    ['show', 'x'.repeat(2049)],
    ['show', '--key', ''],
    ['show', '--key', 'é'.repeat(1025)],
    ['enable', ''],
    ['rotate-secret', ''],
    ['update', '', '--key', 'k'],
    ['update', '\ud800', '--max-connections', '1'],
  ])('says what an id or a key is: %s, case %#', async (...args) => {
    const ran = await table.on(...args)
    expect(ran).toMatchObject({ code: 1, stdout: '' })
    expect(ran.stderr).toMatch(/^App(Id|Key) is not 1 to 2048 bytes of Unicode text/m)
  })
})
