import { afterAll, beforeAll, describe, expect, it } from 'vitest'
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
      'what is not a region',
      (endpoint: string) => ['list', '--region', 'eu west', '--endpoint', endpoint],
      /^"eu west" is not a region\. Use one like eu-west-1 with --region\.\n$/,
    ],
    [
      'what cannot be an id',
      (endpoint: string) => ['delete', '', '--yes', '--endpoint', endpoint],
      /^AppId is not 1 to 2048 bytes of Unicode text, DynamoDB's limit for a key\.\n$/,
    ],
  ])('fails with one sentence for %s', async (_, args, message) => {
    const ran = await run(args(table.endpoint))
    expect(ran).toMatchObject({ code: 1, stdout: '' })
    expect(ran.stderr).toMatch(message)
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
    expect(ran.stderr).toMatch(/^App(Id|Key) is not 1 to 2048 bytes of Unicode text/)
  })
})
