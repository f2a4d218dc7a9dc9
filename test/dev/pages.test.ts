import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { LocalStack } from '../../dev/local-stack.ts'
import { findOwnDynamoDB } from '../../dev/own-dynamodb.ts'
import { TOKENS } from '../support/canary.ts'
import { send } from '../support/http.ts'
import { startTestStack } from '../support/test-stack.ts'

let stack: LocalStack
beforeAll(async () => {
  stack = await startTestStack({ token: TOKENS.full })
})
afterAll(() => stack?.close())

const post = (url: string, origin?: string) =>
  send(url, { method: 'POST', path: '/token', headers: origin === undefined ? {} : { origin } })

describe('a page of the local server', () => {
  it.each(['/', '/docs', '/docs/', '/docs/swagger-initializer.js', '/home-page.js', '/openapi.yaml'])(
    'has no token, and responds to HEAD as to GET: %s',
    async (path) => {
      const get = await send(stack.url, { method: 'GET', path, headers: {} })
      const head = await send(stack.url, { method: 'HEAD', path, headers: {} })
      expect(get.body).not.toContain(TOKENS.full)
      expect(head.body).toBe('')
      expect(head.status).toBe(get.status)
      for (const name of ['content-type', 'content-length', 'content-security-policy'])
        expect(head.headers[name]).toBe(get.headers[name])
    },
  )
})

describe('the token of the local server', () => {
  it('is for its own pages', async () => {
    const { status, headers, body } = await post(stack.url, stack.url)
    expect([status, JSON.parse(body)]).toEqual([200, { token: TOKENS.full }])
    expect(headers['cache-control']).toBe('no-store')
  })

  it.each(['http://127.0.0.1:1', 'https://example.com', 'null', undefined])(
    'is not for a page of %s',
    async (origin) => {
      const { status, body } = await post(stack.url, origin)
      expect([status, body]).toEqual([403, expect.not.stringContaining(TOKENS.full)])
    },
  )

  it("is not for the pages of a table of one's own", async () => {
    const own = await findOwnDynamoDB({ endpoint: stack.dynamodb?.endpoint ?? '' })
    const ownStack = await startTestStack({ own, token: TOKENS.full })
    expect(JSON.parse((await post(ownStack.url, ownStack.url)).body)).toEqual({})
    await ownStack.close()
  })
})
