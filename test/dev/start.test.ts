import { execFile } from 'node:child_process'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { greeting } from '../../dev/greeting.ts'
import { expectResponse, found, problem } from '../contract/expected.ts'
import { DEMO } from '../contract/row.ts'
import { send } from '../support/http.ts'
import { startDynamoDB } from '../support/test-dynamodb.ts'
import { startTestStack } from '../support/test-stack.ts'
import { ANY_PORTS, outputWith, ROOT, type Started, useStarts } from './start-process.ts'

const NO_CREDENTIALS = {
  HOME: '/nowhere',
  AWS_EC2_METADATA_DISABLED: 'true',
  AWS_ACCESS_KEY_ID: undefined,
  AWS_PROFILE: undefined,
}

describe('npm start with the embedded DynamoDB', () => {
  const { start } = useStarts(afterAll)
  const GREETING = /token +(sal_[\w-]{43})$.*curl -H 'Authorization: (.*?)' '(http:\S+)\/apps\/demo'/ms
  let started: Started
  let token: string
  let origin: string
  let headers: { authorization: string }
  beforeAll(async () => {
    started = start(ANY_PORTS)
    const [, printed = '', authorization = '', url = ''] = await outputWith(started, GREETING)
    token = printed
    origin = url
    headers = { authorization }
  })

  it('prints a curl command that finds the sample app', async () => {
    expectResponse(await send(origin, { method: 'GET', path: '/apps/demo', headers }), found(DEMO))
  })

  it('prints a second curl command that shows the change of the printed apps command', async () => {
    const [, command = '', path = ''] = await outputWith(
      started,
      /npx soketi-apps (.+)\), .*:\s+curl -H '.*' 'http:\/\/[^/]+(\/changes\?since=[^']+)'/,
    )
    const poll = async () => JSON.parse((await send(origin, { method: 'GET', path, headers })).body)
    expect(await poll()).toMatchObject({ changes: [], more: false })
    await promisify(execFile)(process.execPath, ['cli/apps.ts', ...command.split(' ')], { cwd: ROOT })
    await expect.poll(async () => (await poll()).changes).toMatchObject([{ id: 'demo' }])
  })

  it('has another token at the next start, and stops cleanly on Ctrl-C', async () => {
    const next = start(ANY_PORTS)
    const [, another] = await outputWith(next, GREETING)
    expect(another).not.toBe(token)
    await outputWith(next, /Ctrl-C stops/)
    next.child.kill('SIGINT')
    expect(await next.exit).toBe(0)
    expect(next.output()).not.toMatch(/error/i)
  })
})

describe('npm start', () => {
  const { start, copyProject } = useStarts()

  it('prints the poll without a cursor while the feed does not respond', async () => {
    const stack = await startTestStack()
    const text = await greeting(stack, 'a token that is rejected', '127.0.0.1', undefined)
    expect(text).toContain('The change feed does not respond. Once it does, this returns its cursor:')
    expect(text).toContain(`${stack.url}/changes'`)
    await stack.close()
  })

  it("reads the user's own DynamoDB with the user's credentials", async () => {
    const { environment, close } = await startDynamoDB()
    const {
      APP_MANAGER_DYNAMODB_ENDPOINT = '',
      APP_MANAGER_DYNAMODB_TABLE = '',
      ...credentials
    } = environment
    // An option takes precedence over both variables.
    const args = ['--table', APP_MANAGER_DYNAMODB_TABLE, '--region', 'us-east-1', '--port', '0']
    const variables = {
      SOKETI_APP_MANAGER_DYNAMODB_ENDPOINT: APP_MANAGER_DYNAMODB_ENDPOINT,
      SOKETI_APP_MANAGER_DYNAMODB_TABLE: 'other',
    }
    const started = start(args, { env: { ...credentials, ...variables, LOOKUP_TOKEN: 'sal_given' } })
    const [, origin = ''] = await outputWith(started, /lookup +(http\S+)/)
    const headers = { authorization: 'Bearer sal_given' }
    expectResponse(await send(origin, { method: 'GET', path: '/apps/demo', headers }), found(DEMO))
    expect(started.output()).toMatch(/token +sal_given$/m)
    expect(started.output()).toMatch(/There is no change feed, .*feed-unavailable/)
    const poll = await send(origin, { method: 'GET', path: '/changes', headers })
    expectResponse(poll, problem(503, 'feed-unavailable'))
    await close()
  })

  it('stops before it listens when there are no AWS credentials for a table on AWS', async () => {
    const started = start(['--table', 'apps', '--region', 'eu-west-1', '--port', '0'], {
      env: NO_CREDENTIALS,
    })
    expect(await started.exit).toBe(1)
    expect(started.output()).toBe(
      'No AWS credentials were found. Sign in (aws sso login or aws configure), or set AWS_PROFILE.\n',
    )
  })

  it('needs no AWS credentials for a DynamoDB on this machine, and prints that it uses none', async () => {
    const { environment, close } = await startDynamoDB()
    const { APP_MANAGER_DYNAMODB_ENDPOINT = '', APP_MANAGER_DYNAMODB_TABLE = '' } = environment
    const args = ['--endpoint', APP_MANAGER_DYNAMODB_ENDPOINT, '--table', APP_MANAGER_DYNAMODB_TABLE]
    const env = { ...NO_CREDENTIALS, LOOKUP_TOKEN: 'sal_given' }
    const started = start([...args, '--port', '0'], { env })
    const [, origin = ''] = await outputWith(started, /lookup +(http\S+)/)
    expect(started.output()).toContain('without AWS credentials')
    const headers = { authorization: 'Bearer sal_given' }
    expectResponse(await send(origin, { method: 'GET', path: '/apps/demo', headers }), found(DEMO))
    await close()
  })

  it.each([
    ['a port in use', '--port', 'npm start -- --port N'],
    ['a DynamoDB port in use', '--dynamodb-port', 'npm start -- --dynamodb-port N'],
  ])('prints what to do about %s', async (_what, option, advice) => {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const taken = String((server.address() as AddressInfo).port)
    const started = start([...ANY_PORTS, option, taken])
    expect(await started.exit).toBe(1)
    expect(started.output().trim()).toBe(
      `Port ${taken} is in use. Stop the other program, or choose another port: ${advice}`,
    )
    server.close()
  })

  it.each([
    [['--prot', '1'], /^Unknown option '--prot'.*^npm start -- \[options\]/ms],
    [['--host', '203.0.113.1', ...ANY_PORTS], /^--host is not an address of this machine/],
  ])('prints what is wrong with %j', async (args, sentence) => {
    const started = start(args)
    expect(await started.exit).toBe(1)
    expect(started.output()).toMatch(sentence)
    expect(started.output()).not.toMatch(/^ +at /m)
  })

  it('prints what is missing before npm install', async () => {
    const started = start([], { cwd: copyProject() })
    expect(await started.exit).toBe(1)
    expect(started.output()).toBe('The packages are not installed. Run: npm install\n')
  })
})
