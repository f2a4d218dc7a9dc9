import { once } from 'node:events'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { LocalStack } from '../../dev/local-stack.ts'
import { json, run } from '../../harness/run-command.ts'
import { TOKENS } from '../support/canary.ts'
import { startTestStack } from '../support/test-stack.ts'

let stack: LocalStack
const lookup = (args: string[], token: string = TOKENS.full, url = stack.url) =>
  run(['lookup', '--url', url, ...args], { stdin: `${token}\n` })

beforeAll(async () => {
  stack = await startTestStack()
})
afterAll(() => stack.close())

describe('lookup', () => {
  it.each([
    ['an id', ['--id', 'demo']],
    ['a key', ['--key', 'demo-key']],
  ])('finds an app by %s and prints how long each step took', async (_, args) => {
    const ran = await lookup([...args, '--json'])
    expect(ran).toMatchObject({ code: 0, stderr: '' })
    expect(json(ran)).toMatchObject({
      status: 200,
      app: { id: 'demo', key: 'demo-key', maxConnections: 200 },
      cache: 'miss',
      dynamodbMs: expect.any(Number),
      ageSeconds: expect.any(Number),
      times: { tcp: expect.any(Number), firstByte: expect.any(Number), total: expect.any(Number) },
    })
    expect(json(await lookup([...args, '--json']))).toMatchObject({ cache: 'hit' })
    expect((await lookup(args)).stdout).toMatch(/DynamoDB +not read, from the function's cache/)
  })

  it("finds an app whose id or key can't be part of a path", async () => {
    const ran = await lookup(['--id', 'böse / 👾 ?#%', '--json'])
    expect(json(ran)).toMatchObject({ status: 200, app: { id: 'böse / 👾 ?#%' } })
  })

  it('prints the secret only with --secret', async () => {
    expect((await lookup(['--id', 'demo'])).stdout).not.toContain('demo-secret')
    expect((await lookup(['--id', 'demo', '--secret'])).stdout).toContain('demo-secret')
    expect((await lookup(['--id', 'demo', '--secret'], TOKENS.public)).stdout).not.toContain('demo-secret')
  })

  it.each([
    ['no app', ['--id', 'nobody'], TOKENS.full, /no such app/],
    ['a token that is not valid', ['--id', 'demo'], TOKENS.revoked, /rejected the token \(403\)/],
    ['an item that cannot be an app', ['--id', 'no-key'], TOKENS.full, /500 app-malformed.*AppKey/],
    ['a key in use twice', ['--key', 'twin-key'], TOKENS.full, /500 app-key-not-unique/],
  ])('fails for %s', async (_, args, token, message) => {
    const ran = await lookup(args, token)
    expect(ran.code).toBe(1)
    expect(ran.stderr).toMatch(message)
    expect(ran.stdout + ran.stderr).not.toContain(token)
  })

  it('fails when the server is not the endpoint', async () => {
    const other = http.createServer((_, answer) => answer.writeHead(404).end('<html>')).listen(0, '127.0.0.1')
    await once(other, 'listening')
    const ran = await lookup(
      ['--id', 'demo'],
      TOKENS.full,
      `http://127.0.0.1:${(other.address() as AddressInfo).port}`,
    )
    other.close()
    expect(ran).toMatchObject({ code: 1, stderr: expect.stringContaining('is not from a lookup endpoint') })
  })

  it('fails with a sentence when no server responds', async () => {
    const ran = await lookup(['--id', 'demo'], TOKENS.full, 'http://127.0.0.1:9')
    expect(ran).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^127.0.0.1:9 does not respond \(ECONNREFUSED\)/),
    })
  })

  it('asks for one URL when the variable of the nodes has several', async () => {
    vi.stubEnv('SOKETI_APP_MANAGER_HTTP_URL', 'https://eu.example.com,https://us.example.com')
    const ran = await run(['lookup', '--id', 'demo'], { stdin: `${TOKENS.full}\n` })
    expect(ran).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^SOKETI_APP_MANAGER_HTTP_URL is not one .* --url\.\n$/),
    })
    expect((await lookup(['--id', 'demo'])).code).toBe(0)
  })

  it('says so when the token cannot be one', async () => {
    const ran = await lookup(['--id', 'demo'], `${TOKENS.full}é`)
    expect(ran).toMatchObject({ code: 2, stderr: expect.stringMatching(/^The token has a character/) })
    expect(ran.stderr).not.toContain(TOKENS.full)
  })

  it.each([
    [['--id', 'demo', '--key', 'demo-key'], undefined],
    [[], undefined],
    [['--id', 'demo'], 'http://example.com'],
    [['--id', 'demo'], 'HTTP://example.com'],
    [['--id', 'demo'], ' hTTp://example.com'],
  ])('is rejected before a token is sent: %j %s', async (args, url) => {
    expect((await lookup(args, TOKENS.full, url)).code).toBe(2)
  })
})
