import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, copyFileSync, cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it } from 'vitest'
import { expectAnswer, found } from '../contract/expected.ts'
import { DEMO } from '../contract/row.ts'
import { startDynamoDB } from '../support/dynamodb.ts'
import { send } from '../support/http.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))

/** `npm start -- ARGS` as a process, and what it has written so far. */
type Started = {
  readonly child: ChildProcess
  readonly output: () => string
  readonly exit: Promise<number | null>
}

const running = new Set<Started>()
afterEach(async () => {
  for (const started of running) {
    started.child.kill('SIGKILL')
    await started.exit
  }
  running.clear()
})

function start(
  args: readonly string[],
  { cwd = ROOT, env = {} }: { cwd?: string; env?: object } = {},
): Started {
  const child = spawn(process.execPath, ['dev/main.js', ...args], { cwd, env: { ...process.env, ...env } })
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text) => (output += text))
  const exit = once(child, 'close').then(([code]) => code as number | null)
  const started = { child, output: () => output, exit }
  running.add(started)
  return started
}

async function outputWith(started: Started, pattern: RegExp): Promise<RegExpExecArray> {
  for (;;) {
    const match = pattern.exec(started.output())
    if (match) return match
    const ended = await Promise.race([
      started.exit.then(() => true),
      new Promise((resolve) => setTimeout(resolve, 20)),
    ])
    if (ended && !pattern.test(started.output()))
      throw new Error(`It ended without ${pattern}: ${started.output()}`)
  }
}

const ANY_PORTS = ['--port', '0', '--dynamodb-port', '0']

describe('npm start', () => {
  it('prints a curl that finds the sample app, and stops cleanly on Ctrl-C', async () => {
    const started = start(ANY_PORTS)
    const [, header = '', origin = ''] = await outputWith(
      started,
      /curl -H 'Authorization: (.*)' (http:\S+)\/apps\/demo/,
    )
    expectAnswer(
      await send(origin, { method: 'GET', path: '/apps/demo', headers: { authorization: header } }),
      found(DEMO),
    )
    started.child.kill('SIGINT')
    expect(await started.exit).toBe(0)
    expect(started.output()).not.toMatch(/error/i)
  })

  it('makes another token at each start, unless one is given', async () => {
    const tokens = []
    for (const env of [{}, {}, { LOOKUP_TOKEN: 'sal_given' }]) {
      const started = start(ANY_PORTS, { env })
      tokens.push((await outputWith(started, /token +(\S+)/))[1])
      started.child.kill('SIGINT')
      await started.exit
    }
    expect(new Set(tokens).size).toBe(3)
    expect(tokens[2]).toBe('sal_given')
    expect(tokens[0]).toMatch(/^sal_[\w-]{43}$/)
  })

  it("looks up in a DynamoDB of the user's own, with the user's credentials", async () => {
    const { environment, close } = await startDynamoDB()
    const {
      APP_MANAGER_DYNAMODB_ENDPOINT = '',
      APP_MANAGER_DYNAMODB_TABLE = '',
      ...credentials
    } = environment
    const args = [
      '--endpoint',
      APP_MANAGER_DYNAMODB_ENDPOINT,
      '--table',
      APP_MANAGER_DYNAMODB_TABLE,
      '--region',
      'us-east-1',
    ]
    const started = start([...args, '--port', '0'], { env: { ...credentials, LOOKUP_TOKEN: 'sal_given' } })
    const [, origin = ''] = await outputWith(started, /lookup +(http\S+)/)
    const headers = { authorization: 'Bearer sal_given' }
    expectAnswer(await send(origin, { method: 'GET', path: '/apps/demo', headers }), found(DEMO))
    await close()
  })

  it.each([
    ['a port in use', '--port', 'npm start -- --port N'],
    ['a DynamoDB port in use', '--dynamodb-port', 'npm start -- --dynamodb-port N'],
  ])('says what to do about %s', async (_what, option, advice) => {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const taken = String((server.address() as AddressInfo).port)
    const started = start([...ANY_PORTS, option, taken])
    expect(await started.exit).toBe(1)
    expect(started.output().trim()).toBe(
      `Port ${taken} is in use. Stop what uses it, or choose another: ${advice}`,
    )
    server.close()
  })

  it.each([
    [['--port', 'http'], /^--port must be a port from 0 to 65535, not "http"\./],
    [['--prot', '1'], /^Unknown option '--prot'/],
    [
      ['--endpoint', 'localhost:8000', '--port', '0'],
      /APP_MANAGER_DYNAMODB_ENDPOINT must be an http or https URL/,
    ],
    [['--host', '203.0.113.1', ...ANY_PORTS], /^--host is no address of this machine/],
  ])('says what is wrong with %j', async (args, sentence) => {
    const started = start(args)
    expect(await started.exit).toBe(1)
    expect(started.output()).toMatch(sentence)
    expect(started.output()).not.toMatch(/^ +at /m)
  })

  it('loads a function again when its source changes, and keeps the last one that worked', async () => {
    const copy = mkdtempSync(join(tmpdir(), 'soketi-app-lookup-'))
    try {
      for (const folder of ['dev', 'functions'])
        cpSync(join(ROOT, folder), join(copy, folder), { recursive: true })
      for (const file of ['template.yaml', 'package.json']) copyFileSync(join(ROOT, file), join(copy, file))
      symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'))
      const started = start(ANY_PORTS, { cwd: copy, env: { LOOKUP_TOKEN: 'sal_given' } })
      const [, origin = ''] = await outputWith(started, /lookup +(http\S+)/)
      const get = () =>
        send(origin, { method: 'GET', path: '/apps/demo', headers: { authorization: 'Bearer sal_given' } })

      appendFileSync(join(copy, 'functions/answer.ts'), 'this is no TypeScript')
      await outputWith(started, /answer\.ts can't be loaded; the last version still runs/)
      expectAnswer(await get(), found(DEMO))

      const source = join(ROOT, 'functions/answer.ts')
      copyFileSync(source, join(copy, 'functions/answer.ts'))
      appendFileSync(join(copy, 'functions/answer.ts'), '\n// A change.\n')
      await outputWith(started, /Reloaded after a change of functions\/answer\.ts/)
      expectAnswer(await get(), found(DEMO))
    } finally {
      rmSync(copy, { recursive: true })
    }
  })

  it('says what is missing before npm install', async () => {
    const copy = mkdtempSync(join(tmpdir(), 'soketi-app-lookup-'))
    try {
      cpSync(join(ROOT, 'dev'), join(copy, 'dev'), { recursive: true })
      copyFileSync(join(ROOT, 'package.json'), join(copy, 'package.json'))
      const started = start([], { cwd: copy })
      expect(await started.exit).toBe(1)
      expect(started.output()).toBe('The packages are not installed. Run: npm install\n')
    } finally {
      rmSync(copy, { recursive: true })
    }
  })
})
