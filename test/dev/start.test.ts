import { execFile } from 'node:child_process'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { greeting } from '../../dev/greeting.ts'
import { expectResponse, found, problem } from '../contract/expected.ts'
import { DEMO } from '../contract/row.ts'
import { send } from '../support/http.ts'
import { startDynamoDB } from '../support/test-dynamodb.ts'
import { startTestStack } from '../support/test-stack.ts'
import { ANY_PORTS, outputWith, ROOT, useStarts } from './start-process.ts'

const { start, copyProject } = useStarts()

const NO_CREDENTIALS = {
  HOME: '/nowhere',
  AWS_EC2_METADATA_DISABLED: 'true',
  AWS_ACCESS_KEY_ID: undefined,
  AWS_PROFILE: undefined,
}

describe('npm start', () => {
  it('prints a curl command with a new token that finds the sample app, and stops cleanly on Ctrl-C', async () => {
    const tokens = new Set<string>()
    for (const started of [start(ANY_PORTS), start(ANY_PORTS)]) {
      const [, token = '', header = '', origin = ''] = await outputWith(
        started,
        /token +(sal_[\w-]{43})$.*curl -H 'Authorization: (.*?)' '(http:\S+)\/apps\/demo'/ms,
      )
      tokens.add(token)
      expectResponse(
        await send(origin, { method: 'GET', path: '/apps/demo', headers: { authorization: header } }),
        found(DEMO),
      )
      started.child.kill('SIGINT')
      expect(await started.exit).toBe(0)
      expect(started.output()).not.toMatch(/error/i)
    }
    expect(tokens.size).toBe(2)
  })

  it('prints a second curl command that shows the change of the printed apps command', async () => {
    const started = start(ANY_PORTS, { env: { LOOKUP_TOKEN: 'sal_given' } })
    const [, command = '', header = '', origin = '', path = ''] = await outputWith(
      started,
      /npx soketi-apps (.+)\), .*:\s+curl -H 'Authorization: (.*)' '(http:\/\/[^/]+)(\/changes\?since=[^']+)'/,
    )
    expect(started.output()).toMatch(/token +sal_given$/m)
    const poll = async () => {
      const headers = { authorization: header }
      return JSON.parse((await send(origin, { method: 'GET', path, headers })).body)
    }
    expect(await poll()).toMatchObject({ changes: [], more: false })
    await promisify(execFile)(process.execPath, ['cli/apps.ts', ...command.split(' ')], { cwd: ROOT })
    await expect.poll(async () => (await poll()).changes).toMatchObject([{ id: 'demo' }])
  })

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
    [['--port', 'http'], /^--port must be a port from 0 to 65535, not "http"\./],
    [['--prot', '1'], /^Unknown option '--prot'/],
    [['--table', 'apps', '--feed'], /^--feed needs --endpoint: it writes into the table/],
    [['--endpoint', 'localhost:8000', '--port', '0'], /^--endpoint must be an http or https URL/],
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
