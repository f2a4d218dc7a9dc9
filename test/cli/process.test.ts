import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { App } from '../../functions/apps/app.ts'
import { json, type Ran, run } from '../../harness/run-command.ts'
import { type Fate, startFaultyDynamoDB } from './faulty-dynamodb.ts'
import { startTable, type TestTable } from './test-table.ts'

const ENTRY = fileURLToPath(new URL('../../cli/apps.ts', import.meta.url))

let table: TestTable

beforeAll(async () => {
  table = await startTable()
})
afterAll(() => table.close())

/** The environment of a machine without a configuration of AWS. */
const UNCONFIGURED = { HOME: '/nowhere', AWS_EC2_METADATA_DISABLED: 'true' }

type Started = {
  readonly child: ChildProcess
  /** Resolves once the process has said this on stderr. */
  says(part: string): Promise<unknown>
  readonly ran: Promise<Ran>
}

function start(args: readonly string[], stdin = '', env: NodeJS.ProcessEnv = process.env): Started {
  const child = spawn(process.execPath, [ENTRY, ...args], { env })
  child.stdin.end(stdin)
  let stderr = ''
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk
  })
  const ran = Promise.all([once(child, 'close'), text(child.stdout)]).then(([[code], stdout]) => ({
    code,
    stdout,
    stderr,
  }))
  const says = async (part: string) => {
    while (!stderr.includes(part)) await Promise.race([once(child.stderr, 'data'), ran.then(endedWithout)])
  }
  return { child, says, ran }
}

function endedWithout({ stderr }: Ran): never {
  throw new Error(`The process ended, and had said only: ${stderr}`)
}

const apps = (count: number) =>
  Array.from({ length: count }, (_, index) => ({
    id: `app-${index}`,
    key: `key-${index}`,
    secret: 's'.repeat(32),
  }))
const lines = (records: readonly object[]) => records.map((record) => JSON.stringify(record)).join('\n')

describe('the command as a process', () => {
  it('writes nothing but its result to stdout when npx starts it', async () => {
    const { stdout } = await promisify(execFile)('npx', ['soketi-apps', 'export', ...table.options], {
      cwd: fileURLToPath(new URL('../../', import.meta.url)),
    })
    expect(JSON.parse(stdout)).toHaveProperty('apps')
  })

  it('stops at Ctrl-C half-way through an import of stdin, waits for writes in flight, and continues when run again', async () => {
    const { promise: isHalfWay, resolve: halfWay } = Promise.withResolvers<void>()
    const { promise: isSignalled, resolve: signalled } = Promise.withResolvers<void>()
    let puts = 0
    const slow = await startFaultyDynamoDB(table.endpoint, async (operation): Promise<Fate> => {
      if (operation !== 'PutItem') return 'pass'
      puts += 1
      if (puts > 20) {
        halfWay()
        await isSignalled
      }
      return 'pass'
    })
    const { child, says, ran } = start(
      ['import', '-', '--json', ...table.options, '--endpoint', slow.endpoint],
      lines(apps(100)),
    )
    await isHalfWay
    child.kill('SIGINT')
    await says('Stopping')
    signalled()
    const first = await ran
    await slow.close()

    const exported = await run(['export', '--secrets', '--format', 'jsonl', ...table.options])
    const written = exported.stdout
      .split('\n')
      .flatMap((line) => (line ? [JSON.parse(line) as App] : []))
      .filter(({ id }) => id.startsWith('app-'))
    expect(first.code).toBe(130)
    expect(json(first)).toMatchObject({
      created: written.length,
      notWritten: 100 - written.length,
      rejected: [],
    })
    expect(first.stderr).toContain('Stopped by Ctrl-C. ')
    expect(written.length).toBeGreaterThanOrEqual(20)
    expect(written.length).toBeLessThan(100)

    const second = await run(['import', '-', '--json', ...table.options], { stdin: lines(apps(100)) })
    expect(second.code).toBe(0)
    expect(json(second)).toMatchObject({
      created: 100 - written.length,
      unchanged: written.length,
      notWritten: 0,
    })
  })

  it('exits at Ctrl-C when no write is in flight', async () => {
    const { promise: isAsked, resolve: asked } = Promise.withResolvers<void>()
    const silent = await startFaultyDynamoDB(table.endpoint, () => {
      asked()
      return 'hang'
    })
    const { child, ran } = start(['list', ...table.options, '--endpoint', silent.endpoint])
    await isAsked
    child.kill('SIGINT')
    expect(await ran).toEqual({ code: 130, stdout: '', stderr: 'Stopped by Ctrl-C. Nothing was changed.\n' })
    await silent.close()
  })

  it('reports a profile that does not exist before anything else', async () => {
    const sentence = (source: string) =>
      `There is no AWS profile nope (${source}). To list your profiles, run: aws configure list-profiles\n`
    expect(await start(['list', '--profile', 'nope'], '', UNCONFIGURED).ran).toEqual({
      code: 2,
      stdout: '',
      stderr: sentence('--profile'),
    })
    for (const [variable, value] of Object.entries(UNCONFIGURED)) vi.stubEnv(variable, value)
    vi.stubEnv('AWS_PROFILE', 'nope')
    const ran = await run(['list', ...table.options])
    expect(ran).toEqual({ code: 2, stdout: '', stderr: sentence('AWS_PROFILE') })
  })

  it('reports what is missing when AWS is not configured', async () => {
    const [nowhere, nobody] = await Promise.all([
      start(['list'], '', UNCONFIGURED).ran,
      start(['list', '--region', 'eu-west-1'], '', UNCONFIGURED).ran,
    ])
    expect(nowhere).toMatchObject({ code: 1, stderr: expect.stringMatching(/^No AWS region is set.*\n$/) })
    expect(nobody).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(/^There are no AWS credentials, or AWS rejected them.*\n$/),
    })
  })
})
