import { resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { expectNoSecret, TOKENS } from '../support/canary.ts'
import { send } from '../support/http.ts'
import { checkOut, needProgram, startEndpoint } from './example.ts'

const checkout = checkOut()
const LOOKUP_TOKEN_FILE = checkout.file('token', TOKENS.full)
const COMMAND = ['python3', resolve('test/examples/ask.py')]
let endpoint: Awaited<ReturnType<typeof startEndpoint>>
let client: ReturnType<typeof startClient>
beforeAll(async () => {
  needProgram('python3', '3.11')
  endpoint = await startEndpoint()
  client = startClient(endpoint.region.url)
})
beforeEach(async () => {
  await endpoint.region.recover()
  await client.forget()
  await client.waitFor(10)
  endpoint.answers.length = 0
})
afterAll(() => endpoint.close())

/** The client of the Python example in a process, with a clock that only the test advances. */
function startClient(LOOKUP_URL: string) {
  const { child, stderr } = checkout.start(COMMAND, { LOOKUP_URL, LOOKUP_TOKEN_FILE })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const say = async (what: string, value: string | number) => {
    child.stdin.write(`${JSON.stringify([what, value])}\n`)
    const { value: line, done } = await lines.next()
    if (done) throw new Error(stderr())
    return JSON.parse(line)
  }
  return {
    findById: (id: string) => say('find_by_id', id),
    findByKey: (key: string) => say('find_by_key', key),
    pass: (seconds: number) => say('pass', seconds),
    waitFor: (seconds: number) => say('wait_for', seconds),
    forget: () => say('forget', 0),
  }
}

const found = (id: string) => ({ app: { id, key: `${id}-key`, secret: `${id}-secret` } })
const unknown = { lookup_failed: expect.any(String) }

it('caches an app for max-age, then revalidates it', async () => {
  for (let i = 0; i < 3; i += 1) expect(await client.findById('demo')).toMatchObject(found('demo'))
  expect(endpoint.answers).toEqual(['200 GET /apps/demo'])
  await client.pass(10)
  for (let i = 0; i < 3; i += 1) expect(await client.findById('demo')).toMatchObject(found('demo'))
  expect(endpoint.answers).toEqual(['200 GET /apps/demo', '304 GET /apps/demo'])
})

it('counts the Age of a response', async () => {
  const headers = { authorization: `Bearer ${TOKENS.full}` }
  const ageOf = async () => {
    const { headers: answered } = await send(endpoint.region.url, {
      method: 'GET',
      path: '/apps/legacy',
      headers,
    })
    return Number(answered.age)
  }
  await expect.poll(ageOf).toBeGreaterThanOrEqual(1)
  endpoint.answers.length = 0
  await client.findById('legacy')
  await client.pass(9)
  expect(await client.findById('legacy')).toMatchObject(found('legacy'))
  expect(endpoint.answers).toEqual(['200 GET /apps/legacy', '304 GET /apps/legacy'])
})

it('finds an app by any key, and sends no request for an invalid name', async () => {
  expect(await client.findByKey('demo-key')).toMatchObject(found('demo'))
  expect(await client.findByKey('clé / 🔑 ?#%')).toMatchObject({ app: { id: 'böse / 👾 ?#%' } })
  expect(await client.findByKey('..')).toEqual({ app: null })
  expect(endpoint.answers).toEqual([
    '200 GET /apps/by-key/demo-key',
    '200 POST /apps/lookup',
    '404 POST /apps/lookup',
  ])
  expect(await client.findByKey('')).toEqual({ app: null })
  expect(await client.findByKey('k'.repeat(2049))).toEqual({ app: null })
  expect(endpoint.answers).toHaveLength(3)
})

it('does not cache the response to a POST, which has no-store', async () => {
  expect(await client.findById('böse / 👾 ?#%')).toMatchObject({ app: { enabled: true } })
  await endpoint.region.misbehave('refuses connections')
  expect(await client.findById('böse / 👾 ?#%')).toMatchObject(unknown)
})

it('returns None only if the endpoint reports that the app does not exist', async () => {
  expect(await client.findById('nope')).toEqual({ app: null })
  for (const how of ["answers the gateway's 404", 'answers an HTML 404', 'answers broken JSON'] as const) {
    await endpoint.region.misbehave(how)
    expect(await client.findById('nope')).toMatchObject(unknown)
  }
  await endpoint.region.misbehave("answers another app's item")
  expect(await client.findById('demo')).toMatchObject(unknown)
})

it('sends no request until the time of Retry-After', async () => {
  await endpoint.region.misbehave('answers 503 with Retry-After')
  expect(await client.findById('demo')).toEqual({ lookup_failed: 'status 503', retry_after_s: 1 })
  await endpoint.region.recover()
  await client.pass(0.9)
  expect(await client.findById('demo')).toMatchObject({ ...unknown, retry_after_s: 1 })
  expect(endpoint.answers).toEqual([])
  await client.pass(0.1)
  expect(await client.findById('demo')).toMatchObject(found('demo'))
})

it.each(['refuses connections', 'does not answer', 'resets connections', 'rejects the token'] as const)(
  'serves the enabled apps that it knows for an hour when the endpoint %s',
  async (how) => {
    await client.findById('demo')
    await client.findById('disabled')
    await endpoint.region.misbehave(how)
    if (how === 'does not answer') await client.waitFor(0.2)
    await client.pass(10)
    expect(await client.findById('demo')).toMatchObject(found('demo'))
    expect(await client.findById('disabled')).toMatchObject(unknown)
    expect(await client.findById('bare')).toMatchObject(unknown)
    await client.pass(3590)
    expect(await client.findById('demo')).toMatchObject(unknown)
  },
)

it('reads the token file again, so that tokens rotate', async () => {
  checkout.file('token', TOKENS.revoked)
  expect(await client.findById('demo')).toMatchObject({ lookup_failed: 'status 403' })
  checkout.file('token', 'not a\ntoken')
  await client.pass(1)
  const answer = await client.findById('demo')
  expect(answer).toMatchObject(unknown)
  expectNoSecret(JSON.stringify(answer))
  expect(JSON.stringify(answer)).not.toContain('not a')
  checkout.file('token', `${TOKENS.full}\n`)
  expect(await client.findById('demo')).toMatchObject(found('demo'))
})

it('sends the token over https only, except to this machine', async () => {
  const example = checkout.start(COMMAND, { LOOKUP_URL: 'http://lookup.example', LOOKUP_TOKEN_FILE })
  expect(await example.exit).toBe(1)
  expect(example.stderr()).toContain('must be https')
})
