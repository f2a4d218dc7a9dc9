import { once } from 'node:events'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { run } from '../../harness/run-command.ts'
import { startTable, type TestTable } from './test-table.ts'

let table: TestTable
let proxy: http.Server
/** What the proxy was asked for. */
let asked: string[] = []
const environment = () => ({
  AWS_ACCESS_KEY_ID: 'local',
  AWS_SECRET_ACCESS_KEY: 'local',
  LOOKUP_TOKEN: 'sal_x',
})

beforeAll(async () => {
  table = await startTable()
  // It sends requests for any host to the table, and opens no tunnel.
  proxy = http
    .createServer((incoming, answer) => {
      asked.push(`${incoming.method} ${incoming.url}`)
      const { method, headers } = incoming
      const outgoing = http.request(table.endpoint, { method, headers, agent: false }, (response) =>
        response.pipe(answer.writeHead(response.statusCode ?? 0, response.headers)),
      )
      incoming.pipe(outgoing)
    })
    .on('connect', ({ url }: http.IncomingMessage, socket: Duplex) => {
      asked.push(`CONNECT ${url}`)
      socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n')
    })
    .listen(0, '127.0.0.1')
  await once(proxy, 'listening')
})
afterEach(() => {
  vi.unstubAllEnvs()
  asked = []
})
afterAll(async () => {
  proxy.close()
  await table.close()
})

function stubProxy(variables: Readonly<Record<string, string>> = {}) {
  const url = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`
  const all = { ...environment(), HTTP_PROXY: url, HTTPS_PROXY: url, ...variables }
  for (const [name, value] of Object.entries(all)) vi.stubEnv(name, value)
}

const LOOKUP = ['lookup', '--url', 'https://lookup.invalid', '--id', 'demo']

describe('a command behind a proxy', () => {
  it('reaches DynamoDB and the endpoint through the proxy', async () => {
    stubProxy()
    const name = table.options[3] ?? ''
    const listed = await run(['list', '--table', name, '--endpoint', 'http://dynamodb.invalid:8000'])
    expect(listed).toMatchObject({ code: 0 })
    const onAws = await run(['list', '--region', 'eu-west-1'])
    expect(onAws.stderr).toMatch(/^AWS does not respond \(ERR_PROXY_TUNNEL\)\. .* the proxy in HTTPS_PROXY/)
    expect((await run(LOOKUP)).stderr).toMatch(/^lookup\.invalid does not respond \(ERR_PROXY_TUNNEL\)/)
    // A slow machine may need a second attempt.
    expect([...new Set(asked)]).toEqual([
      'POST http://dynamodb.invalid:8000/',
      'CONNECT dynamodb.eu-west-1.amazonaws.com:443',
      'CONNECT lookup.invalid:443',
    ])
  })

  it('uses none for this machine and for a host in NO_PROXY', async () => {
    stubProxy({ NO_PROXY: 'other.invalid,.invalid' })
    expect((await table.on('list')).code).toBe(0)
    expect((await run(LOOKUP)).stderr).toMatch(/does not respond \((ENOTFOUND|EAI_AGAIN)\)/)
    expect(asked).toEqual([])
  })

  it('says so if a proxy is not a URL', async () => {
    stubProxy({ HTTPS_PROXY: 'user:hidden@proxy:3128' })
    for (const command of [LOOKUP, ['list', '--region', 'eu-west-1']])
      expect(await run(command)).toEqual({
        code: 2,
        stdout: '',
        stderr: 'HTTPS_PROXY must be an http or https URL, for example http://proxy.example.com:3128.\n',
      })
  })
})
