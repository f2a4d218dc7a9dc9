import { once } from 'node:events'
import { connect as connectTcp } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import fc from 'fast-check'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { backend, connect, disconnectAll, subscribe } from '../../../harness/clients.ts'
import { withFeedOnAndOff } from '../../../harness/feed-modes.ts'
import { type Endpoint, httpDriver, startEndpoint } from '../../../harness/local-endpoint.ts'
import { type Region, startRegion } from '../../../harness/misbehaving-region.ts'
import { ANY_NODE, NODES_AND_OLDER_SOKETIS } from '../../../harness/nodes.ts'
import { openRawSocket, type RawSocket } from '../../../harness/raw-socket.ts'
import { readMetric } from '../../../harness/read-metric.ts'
import { killAll, type Soketi, startSoketi } from '../../../harness/soketi-process.ts'
import { until } from '../../../harness/until.ts'

const WEBHOOKS = [{ url: 'http://127.0.0.1:9/hook', event_types: ['channel_occupied', 'channel_vacated'] }]

let endpoint: Endpoint
beforeAll(async () => {
  endpoint = await startEndpoint()
})
afterEach(disconnectAll)
afterAll(async () => {
  await killAll()
  await endpoint.close()
})

const MODES = withFeedOnAndOff({ on: [ANY_NODE], off: NODES_AND_OLDER_SOKETIS })

/** Words that soketi knows, so that generated messages and requests get far. */
const EVENTS = ['pusher:subscribe', 'pusher:unsubscribe', 'pusher:signin', 'pusher:ping', 'client-typing']
const CHANNELS = ['news', 'private-news', 'presence-news', 'private-encrypted-news', 'cache-news']
const FIELDS = [
  'channel',
  'channels',
  'auth',
  'channel_data',
  'user_data',
  'name',
  'data',
  'socket_id',
  'info',
]

const anything = fc.jsonValue({ maxDepth: 2 })
const value = fc.oneof(
  fc.constantFrom(...CHANNELS),
  anything,
  anything.map((json) => JSON.stringify(json)),
)
const fields = fc.dictionary(fc.constantFrom(...FIELDS), value, { maxKeys: 4 })
const message = fc.oneof(
  fc.string(),
  anything.map((json) => JSON.stringify(json)),
  fc
    .record(
      {
        event: fc.oneof(fc.constantFrom(...EVENTS), anything),
        channel: value,
        data: fc.oneof(fields, value),
      },
      { requiredKeys: [] },
    )
    .map((json) => JSON.stringify(json)),
)

/** A client: what it sends, at which moments, and when it leaves; its lookup takes 300 ms. */
const client = fc.record({
  key: fc.oneof(
    fc.constantFrom('demo-key', 'disabled-key', 'nobody-key', 'single-key', 'pair-key'),
    fc.string({ unit: 'binary', minLength: 1 }).map((key) => encodeURIComponent(key.toWellFormed())),
    fc.stringMatching(/^[!-~]{1,40}$/).filter((key) => !/[?#/\\]/.test(key)),
  ),
  sends: fc.array(fc.record({ atMs: fc.nat(500), message }), { maxLength: 20 }),
  leavesAtMs: fc.nat(700),
})

/** JSON that is nested to any depth. */
const nested = fc.nat(20_000).map((depth) => `${'['.repeat(depth + 1)}${']'.repeat(depth + 1)}`)

/** A backend's signed request, the share of it in the first packet, and when it is aborted, if it is. */
const request = fc.record({
  app: fc.constantFrom('demo', 'rated'),
  method: fc.constantFrom('GET', 'POST'),
  path: fc.constantFrom(
    'channels',
    'channels/news',
    'channels/presence-news/users',
    'events',
    'batch_events',
    'users/ann/terminate_connections',
  ),
  body: fc.oneof(
    fc.constant(''),
    nested.map((data) => `{"name":"news","channel":"news","data":${data}}`),
    fc
      .oneof(
        anything,
        fields,
        fc.record({ batch: fc.oneof(fc.array(fc.oneof(fields, anything), { maxLength: 3 }), anything) }),
      )
      .map((json) => JSON.stringify(json)),
  ),
  firstPacket: fc.constantFrom(0.1, 0.5, 1),
  abortsAtMs: fc.option(fc.nat(700)),
})

/** Longer than any lookup, and shorter than uWebSockets.js waits for a request. */
const ANSWERED_WITHIN_MS = 8_000

// Nothing is cached, so that every lookup is as slow as the region.
describe.each(MODES)('on $name, soketi keeps working', ({ node, feed }) => {
  let region: Region
  let soketi: Soketi

  beforeAll(async () => {
    region = await startRegion(endpoint.url)
    soketi = await startSoketi({
      node,
      env: httpDriver(region.url, {
        ...feed,
        SOKETI_APP_MANAGER_HTTP_FOLLOWED_MAX_MS: '1',
        SOKETI_APP_MANAGER_HTTP_APP_TTL_MS: '1',
        SOKETI_APP_MANAGER_HTTP_NEGATIVE_CACHE_TTL_MS: '1',
        SOKETI_APP_MANAGER_HTTP_STALE_IF_ERROR_MS: '1',
        SOKETI_APP_MANAGER_HTTP_REVALIDATE_INTERVAL_MS: '200',
        SOKETI_METRICS_ENABLED: '1',
      }),
    })
    await endpoint.put('single', { MaxConnections: { N: '1' } })
    await endpoint.put('pair', { MaxConnections: { N: '2' } })
    await endpoint.put('rated', {
      MaxBackendEventsPerSecond: { N: '10' },
      MaxReadRequestsPerSecond: { N: '10' },
    })
    await endpoint.put('hooked', { Webhooks: { S: JSON.stringify(WEBHOOKS) } })
  })
  afterEach(async () => {
    await region.recover()
    expect(soketi.isRunning(), soketi.output()).toBe(true)
    expect(soketi.output()).not.toContain('uncaughtException')
  })
  afterAll(async () => {
    await soketi.kill()
    await region.close()
  })

  it('whatever clients send, and whenever they come and go, also during their lookup', async () => {
    await region.misbehave('answers after 0.3 s')
    const clients = fc.array(client, { minLength: 20, maxLength: 20 })
    await fc.assert(
      fc.asyncProperty(clients, async (some) => {
        const sockets = await Promise.all(some.map((one) => playClient(soketi.port, one)))
        for (const { received, closed } of sockets) {
          const [first] = received
          if (first) expect(['pusher:connection_established', 'pusher:error']).toContain(first.event)
          await closed
        }
        expect(soketi.isRunning(), soketi.output()).toBe(true)
      }),
      { numRuns: 5, endOnFailure: true },
    )
    await until(async () => (await readMetric(soketi, 'connected')) === 0)
    // The connection limits have not counted those that left.
    const last = connect(soketi.port, 'single-key')
    await last.connected()
    expect(last.errors).toEqual([])
  })

  it('when many clients wait for one lookup, and only as many connect as the limit allows', async () => {
    await region.misbehave('answers after 0.3 s')
    const waiting = await Promise.all(
      Array.from({ length: 20 }, () => openRawSocket(soketi.port, 'pair-key')),
    )
    await until(() => waiting.every(({ received }) => received.length > 0))
    expect(region.requests.filter((line) => line.endsWith('/pair-key')).length).toBeGreaterThanOrEqual(1)
    expect(waiting.filter((socket) => socket.isEstablished())).toHaveLength(2)
    for (const socket of waiting) socket.close()
  })

  it('and answers whatever backends sign, if they do not abort, also during the lookup', async () => {
    await region.misbehave('answers after 0.3 s')
    const requests = fc.array(request, { minLength: 50, maxLength: 50 })
    await fc.assert(
      fc.asyncProperty(requests, async (some) => {
        const answers = await Promise.all(some.map((one) => sendSigned(soketi.port, one)))
        for (const [i, answer] of answers.entries())
          if (answer !== '' || some[i]?.abortsAtMs === null) expect(answer).toMatch(/^HTTP\/1.1 \d{3} /)
        expect(soketi.isRunning(), soketi.output()).toBe(true)
      }),
      { numRuns: 5, endOnFailure: true },
    )
  })

  it('when a webhook is due during an outage, for a deleted app, or during a slow lookup', async () => {
    const client = connect(soketi.port, 'hooked-key')
    await client.connected()
    await region.misbehave('resets connections')
    await subscribe(client, 'first')
    await until(async () => (await readMetric(soketi, 'http_app_manager_rejected_total', 'webhook')) > 0)
    await until(() => soketi.output().includes('A webhook was dropped'))
    await region.recover()

    // Deleted: its sockets are closed, and the webhooks of these closes find no app.
    await endpoint.remove('hooked')
    await endpoint.restart()
    await until(() => client.errors.includes(4001))
    await endpoint.put('hooked', { Webhooks: { S: JSON.stringify(WEBHOOKS) } })
  })

  it('and has leaked no socket after all of that', async () => {
    disconnectAll()
    await until(async () => (await readMetric(soketi, 'connected')) === 0)
    const stopped = once(soketi.process, 'exit')
    soketi.process.kill('SIGTERM')
    expect(await stopped).toEqual([0, null])
    soketi = await startSoketi({ node, env: httpDriver(region.url) })
  })
})

type Generated<A> = A extends fc.Arbitrary<infer T> ? T : never

async function playClient(
  port: number,
  { key, sends, leavesAtMs }: Generated<typeof client>,
): Promise<RawSocket> {
  const socket = await openRawSocket(port, key)
  const acts = sends.map(({ atMs, message }) => ({ atMs, act: () => socket.send(message) }))
  acts.push({ atMs: leavesAtMs, act: () => socket.close() })
  await Promise.all(acts.map(({ atMs, act }) => sleep(atMs).then(act)))
  return socket
}

/** The response as text, which is empty if there was none. */
async function sendSigned(
  port: number,
  { app, method, path, body, firstPacket, abortsAtMs }: Generated<typeof request>,
): Promise<string> {
  const text = method === 'POST' ? body : ''
  const url = `/apps/${app}/${path}`
  const query = backend(port, app).createSignedQueryString({
    method,
    path: url,
    params: {},
    ...(text && { body: text }),
  })
  const socket = connectTcp(port, '127.0.0.1').setNoDelay()
  const length = Buffer.byteLength(text)
  const head = `${method} ${url}?${query} HTTP/1.1\r\nhost: x\r\ncontent-length: ${length}\r\n\r\n`
  const whole = Buffer.from(head + text)
  const end = Math.ceil(whole.length * firstPacket)
  socket.write(whole.subarray(0, end))
  setTimeout(() => socket.writable && socket.write(whole.subarray(end)), 20)
  let answer = ''
  socket.setEncoding('utf8').on('data', (chunk) => {
    answer += chunk
    socket.end()
  })
  const abort = setTimeout(() => socket.resetAndDestroy(), abortsAtMs ?? ANSWERED_WITHIN_MS)
  await once(socket, 'close')
  clearTimeout(abort)
  return answer
}
