import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { run } from '../../harness/run-command.ts'
import { startTable, type TestTable } from './test-table.ts'

let table: TestTable

beforeAll(async () => {
  table = await startTable()
})
afterAll(() => table.close())

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
  ])('fails with one sentence for %s', async (_, args, message) => {
    const ran = await run(args(table.endpoint))
    expect(ran).toMatchObject({ code: 1, stdout: '' })
    expect(ran.stderr).toMatch(message)
  })
})
