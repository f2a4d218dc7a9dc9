import { afterAll, beforeAll, expect, it } from 'vitest'
import { TOKENS } from '../support/canary.ts'
import { send } from '../support/http.ts'
import { type Checkout, checkOut, commandOf, startEndpoint } from './example.ts'

const checkout = checkOut()
let endpoint: Awaited<ReturnType<typeof startEndpoint>>
let service: Awaited<ReturnType<Checkout['startService']>>
beforeAll(async () => {
  checkout.installAdapter()
  endpoint = await startEndpoint()
  service = await checkout.startService(commandOf('app-status.ts'), {
    LOOKUP_URL: endpoint.region.url,
    LOOKUP_TOKEN: TOKENS.full,
  })
})
afterAll(() => endpoint.close())

async function ask(path: string) {
  const { status, headers, body } = await send(service.url, { method: 'GET', path })
  return { status, headers, body: JSON.parse(body) }
}

it('returns what an app may do, without its secret', async () => {
  expect(await ask('/apps/demo')).toMatchObject({
    status: 200,
    body: { id: 'demo', enabled: true, maxConnections: 200, enableClientMessages: false },
  })
  expect(await ask('/apps/disabled')).toMatchObject({ status: 200, body: { enabled: false } })
  expect(await ask(`/apps/${encodeURIComponent('böse / 👾 ?#%')}`)).toMatchObject({ status: 200 })
})

it('distinguishes an app that does not exist from a failed lookup', async () => {
  const none = { status: 404, body: { error: 'no such app' } }
  expect(await ask('/apps/nope')).toMatchObject(none)
  expect(await ask('/apps/%zz')).toMatchObject(none)
  expect(await ask('/elsewhere')).toMatchObject({ status: 404, body: { error: 'no such route' } })
  expect(await ask('/apps/bad-number')).toMatchObject({ status: 503 })
})

it('sends Retry-After while the endpoint is down, and serves cached apps', async () => {
  await ask('/apps/demo')
  await endpoint.region.misbehave('refuses connections')
  const answer = await ask('/apps/legacy')
  expect(answer.status).toBe(503)
  expect(Number(answer.headers['retry-after'])).toBeGreaterThanOrEqual(1)
  expect(await ask('/apps/demo')).toMatchObject({ status: 200 })

  await endpoint.region.recover()
  await expect.poll(() => ask('/apps/legacy')).toMatchObject({ status: 200 })
})

it('exits cleanly on SIGTERM', async () => {
  service.child.kill('SIGTERM')
  expect(await service.exit).toBe(0)
})

it('does not start with a rejected token, or without a token', async () => {
  const command = commandOf('app-status.ts')
  const refused = checkout.start(command, { LOOKUP_URL: endpoint.region.url, LOOKUP_TOKEN: TOKENS.revoked })
  const without = checkout.start(command, { LOOKUP_URL: endpoint.region.url })
  expect(await refused.exit).toBe(1)
  expect(refused.stderr()).toContain('rejects the token')
  expect(refused.stderr()).not.toContain(TOKENS.revoked)
  expect(await without.exit).toBe(1)
  expect(without.stderr()).toContain('neither token nor tokenFile is set')
})
