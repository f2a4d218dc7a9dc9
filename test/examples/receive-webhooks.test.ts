import { createHmac } from 'node:crypto'
import Pusher from 'pusher'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { run } from '../../harness/run-command.ts'
import { TOKENS } from '../support/canary.ts'
import { send } from '../support/http.ts'
import { type Checkout, checkOut, commandOf, needProgram, startEndpoint } from './example.ts'

const checkout = checkOut()
let endpoint: Awaited<ReturnType<typeof startEndpoint>>
beforeAll(async () => {
  needProgram('python3', '3.11')
  checkout.installAdapter()
  endpoint = await startEndpoint()
})
afterAll(() => endpoint.close())

const EVENT_LINE = /^\{.*\}$/m
const BODY = JSON.stringify({ time_ms: 1, events: [{ name: 'channel_occupied', channel: 'caf\u00e9' }] })
const sign = (body: string, secret: string) => createHmac('sha256', secret).update(body).digest('hex')
const signedBy = (id: string, body = BODY, secret = `${id}-secret`) => ({
  'content-type': 'application/json',
  'x-pusher-key': `${id}-key`,
  'x-pusher-signature': sign(body, secret),
})

it("the tests sign webhooks as Pusher's SDK expects it", () => {
  const sdk = new Pusher({ appId: 'demo', key: 'demo-key', secret: 'demo-secret', cluster: '' })
  expect(sdk.webhook({ headers: signedBy('demo'), rawBody: BODY }).isValid()).toBe(true)
  const webhook = sdk.webhook({ headers: signedBy('demo', BODY, 'next-secret'), rawBody: BODY })
  expect(webhook.isValid()).toBe(false)
  expect(webhook.isValid([{ key: 'demo-key', secret: 'next-secret' }])).toBe(true)
})

describe.each(['receive-webhooks.ts', 'receive_webhooks.py'])('%s', (name) => {
  const isPython = name.endsWith('.py')
  const tokenFile = checkout.file(`${name}-token`, `${TOKENS.full}\n`)
  const token = isPython ? { LOOKUP_TOKEN: TOKENS.full } : { LOOKUP_TOKEN_FILE: tokenFile }
  let service: Awaited<ReturnType<Checkout['startService']>>
  beforeAll(async () => {
    service = await checkout.startService(commandOf(name), { LOOKUP_URL: endpoint.region.url, ...token })
  })
  beforeEach(() => endpoint.region.recover())

  const post = (headers: Readonly<Record<string, string>>, body = BODY) =>
    send(service.url, { method: 'POST', path: '/', headers, body })
  const statusOf = async (...request: Parameters<typeof post>) => (await post(...request)).status

  it("accepts a webhook that is signed with the app's secret", async () => {
    expect(await statusOf(signedBy('demo'))).toBe(200)
    // Its output can arrive after its response.
    await expect.poll(service.stdout).toMatch(EVENT_LINE)
    const [line = ''] = EVENT_LINE.exec(service.stdout()) ?? []
    expect(JSON.parse(line)).toEqual({ app: 'demo', name: 'channel_occupied', channel: 'caf\u00e9' })
  })

  it.each([
    ["another app's", sign(BODY, 'legacy-secret')],
    ["another body's", sign(`${BODY} `, 'demo-secret')],
    ['a truncated one', sign(BODY, 'demo-secret').slice(0, 62)],
    ['one that is not ASCII', '\u00e9'.repeat(64)],
    ['an empty one', ''],
  ])('rejects a wrong signature: %s', async (_, signature) => {
    const printed = service.stdout()
    expect(await statusOf({ ...signedBy('demo'), 'x-pusher-signature': signature })).toBe(401)
    expect(service.stdout()).toBe(printed)
  })

  it('rejects a webhook without a signature', async () => {
    expect(await statusOf({})).toBe(401)
    expect(await statusOf({ 'x-pusher-key': 'demo-key' })).toBe(401)
  })

  it('rejects an app that does not exist, and says that an app is disabled only to that app', async () => {
    expect(await statusOf(signedBy('nope'))).toBe(401)
    expect(await statusOf(signedBy('disabled'))).toBe(403)
    expect(await statusOf({ ...signedBy('disabled'), 'x-pusher-signature': 'ab' })).toBe(401)
  })

  it('rejects a body that is not a webhook, has no length, or is too long', async () => {
    for (const body of ['{', '[]', '{"events":1}', ''])
      expect(await statusOf(signedBy('demo', body), body), body).toBe(400)
    expect(await statusOf({ ...signedBy('demo'), 'transfer-encoding': 'chunked' })).toBe(411)
    expect(await statusOf({ ...signedBy('demo'), 'content-length': '1048577' }, '')).toBe(413)
  })

  it('accepts a webhook that is signed with the previous secret until that is over', async () => {
    expect(await statusOf(signedBy('rotated'))).toBe(200)
    expect(await statusOf(signedBy('rotated', BODY, 'rotated-previous-secret'))).toBe(200)
    expect(await statusOf(signedBy('after-rotation', BODY, 'after-rotation-previous-secret'))).toBe(401)
  })

  it('accepts a webhook that is signed with a new secret before its cache has that', async () => {
    const id = isPython ? 'limited' : 'native'
    expect(await statusOf(signedBy(id))).toBe(200)
    const args = ['rotate-secret', id, '--ask-secret', ...endpoint.tableOptions]
    expect(await run(args, { stdin: 'new-secret' })).toMatchObject({ code: 0 })
    for (const secret of ['new-secret', `${id}-secret`])
      expect(await statusOf(signedBy(id, BODY, secret))).toBe(200)
  })

  it('answers 503 for a malformed item, and 200 for other apps', async () => {
    expect(await statusOf({ ...signedBy('demo'), 'x-pusher-key': 'no-secret-key' })).toBe(503)
    expect(await statusOf(signedBy('text'))).toBe(200)
  })

  it('accepts webhooks of cached apps during an outage, and answers 503 for the others', async () => {
    expect(await statusOf(signedBy('demo'))).toBe(200)
    await endpoint.region.misbehave('refuses connections')
    expect(await statusOf(signedBy('demo'))).toBe(200)
    const answer = await post(signedBy('bare'))
    expect(answer.status).toBe(503)
    expect(Number(answer.headers['retry-after'])).toBeGreaterThanOrEqual(1)

    await endpoint.region.recover()
    await expect.poll(() => statusOf(signedBy('bare'))).toBe(200)
  })

  it("does not treat a proxy's 404 as the endpoint's", async () => {
    await endpoint.region.misbehave('answers an HTML 404')
    expect(await statusOf(signedBy('cli-v2'))).toBe(503)
  })

  it('answers 503 with a token of scope public', async () => {
    const environment = { LOOKUP_URL: endpoint.region.url, LOOKUP_TOKEN: TOKENS.public }
    const publicService = await checkout.startService(commandOf(name), environment)
    const answer = await send(publicService.url, {
      method: 'POST',
      path: '/',
      headers: signedBy('demo'),
      body: BODY,
    })
    expect(answer.status).toBe(503)
    expect(publicService.stderr()).toContain('"public"')
  })
})
