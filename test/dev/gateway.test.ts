import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { yamlParse } from 'yaml-cfn'
import type { LocalStack } from '../../dev/local-stack.ts'
import { authorizationOf, routeOf } from '../contract/event.ts'
import { expectResponse, own } from '../contract/expected.ts'
import { ROWS } from '../contract/rows.ts'
import { CONSUMERS, expectNoSecret, TOKENS } from '../support/canary.ts'
import { send } from '../support/http.ts'
import { expectDocumented } from '../support/openapi.ts'
import { startTestStack } from '../support/test-stack.ts'

const logs: string[] = []
let stack: LocalStack

beforeAll(async () => {
  stack = await startTestStack({ onLog: (_name, line) => logs.push(line) })
})
afterAll(async () => {
  await stack.close()
  expectNoSecret(logs.join('\n'))
})

describe('the contract, over HTTP on the local gateway', () => {
  it.each(ROWS)('$title: $method $path', async (row) => {
    const authorization = authorizationOf(row)
    const headers = { ...row.headers, ...(authorization && { authorization }) }
    const answer = await send(stack.url, { ...row, headers })
    expectResponse(answer, 'answer' in row ? row.answer : row.gateway.local)
    if ('answer' in row) expectDocumented(row.method, routeOf(row).path, answer)
  })
})

describe('the local gateway', () => {
  const demo = { method: 'GET', path: '/apps/demo', headers: { authorization: `Bearer ${TOKENS.full}` } }

  it('rejects a host name that could be part of DNS rebinding', async () => {
    const answer = await send(stack.url, { ...demo, headers: { ...demo.headers, host: 'rebound.example' } })
    expect(answer.status).toBe(421)
  })

  it('serves openapi.yaml with its own URL as the first server', async () => {
    const { servers } = yamlParse((await send(stack.url, { method: 'GET', path: '/openapi.yaml' })).body)
    expect(servers.map(({ url }: { url: string }) => url)).toEqual(['/', expect.stringMatching(/^https:/)])
  })

  it('denies every request while the list of consumers is invalid', async () => {
    const lines: string[] = []
    const closed = await startTestStack({
      consumers: `${CONSUMERS},broken`,
      onLog: (_name, line) => lines.push(line),
    })
    try {
      expectResponse(await send(closed.url, demo), own(403, 'Forbidden'))
    } finally {
      await closed.close()
    }
    expect(lines.join('\n')).toContain('Entry 3 of the list of consumers')
    expectNoSecret(lines.join('\n'))
  })

  it('rejects a body over 10 MB as API Gateway does', async () => {
    const body = Buffer.alloc(10 * 1024 * 1024 + 1, 'a')
    const answer = await send(stack.url, {
      ...demo,
      method: 'POST',
      path: '/apps/lookup',
      headers: { ...demo.headers, 'content-type': 'application/json' },
      body,
    })
    expectResponse(answer, own(413, 'Request Entity Too Large'))
  })

  it('sends 304 for an app whose ETag the client has', async () => {
    const first = await send(stack.url, demo)
    const again = await send(stack.url, {
      ...demo,
      headers: { ...demo.headers, 'if-none-match': `"other", W/${first.headers.etag}` },
    })
    expectResponse(again, {
      status: 304,
      exact: '',
      headers: { etag: first.headers.etag ?? '', 'content-type': null },
    })
  })

  it('continues to respond while its functions are reloaded', async () => {
    const answers = Promise.all(Array.from({ length: 20 }, () => send(stack.url, demo)))
    await stack.reload()
    for (const { status } of [...(await answers), await send(stack.url, demo)]) expect(status).toBe(200)
  })
})
