import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { backend } from '../../../harness/clients.ts'
import { httpDriver } from '../../../harness/local-endpoint.ts'
import { NODES_AND_OLDER_SOKETIS } from '../../../harness/nodes.ts'
import { killAll, type Soketi, startSoketi } from '../../../harness/soketi-process.ts'
import { until } from '../../../harness/until.ts'
import { endpoint } from '../shared-endpoint.ts'

const LIMITS = {
  maxEventChannelsAtOnce: 2,
  maxEventNameLength: 9,
  maxEventPayloadInKb: 0.25,
  maxEventBatchSize: 2,
}
const NO_RATE = { maxBackendEventsPerSecond: 0, maxReadRequestsPerSecond: 0 }
/** The apps and their limits. A rate of 0 allows nothing. */
const APPS: Readonly<Record<string, Readonly<Record<string, number>>>> = { open: LIMITS, closed: NO_RATE }

const EVENT = { name: 'news', channel: 'a', data: 'x' }

const GETS = ['/apps/ID/channels', '/apps/ID/channels/a', '/apps/ID/channels/presence-a/users']
const POSTS = ['/apps/ID/events', '/apps/ID/batch_events', '/apps/ID/users/u1/terminate_connections']
const BODIES: Readonly<Record<string, unknown>> = {
  '/apps/ID/events': EVENT,
  '/apps/ID/batch_events': { batch: [EVENT] },
  '/apps/ID/users/u1/terminate_connections': {},
}
const RATED = [...GETS, ...POSTS.slice(0, 2)]

const TOO_LARGE = 'over the size limit'

type Row = readonly [status: number, what: string, app: string, path: string, body?: unknown]

/** Requests that soketi answers, by the status that it means. */
const ROWS: readonly Row[] = [
  ...GETS.map((path): Row => [200, 'valid', 'open', path]),
  ...POSTS.map((path): Row => [200, 'valid', 'open', path, BODIES[path]]),
  ...GETS.map((path): Row => [404, 'of an unknown app', 'nobody', path]),
  ...POSTS.map((path): Row => [404, 'of an unknown app', 'nobody', path, BODIES[path]]),
  ...GETS.map((path): Row => [401, 'signed with a wrong secret', 'open', path]),
  ...POSTS.map((path): Row => [401, 'signed with a wrong secret', 'open', path, BODIES[path]]),
  ...RATED.map((path): Row => [429, 'over the rate limit', 'closed', path, BODIES[path]]),
  ...POSTS.map((path): Row => [413, TOO_LARGE, 'open', path, { ...EVENT, more: 'x'.repeat(2 ** 20) }]),
  [413, 'with too much data', 'open', '/apps/ID/events', { ...EVENT, data: 'x'.repeat(257) }],
  [
    413,
    'with too much data',
    'open',
    '/apps/ID/batch_events',
    { batch: [EVENT, { ...EVENT, data: 'x'.repeat(257) }] },
  ],
  [400, 'with a long name', 'open', '/apps/ID/events', { ...EVENT, name: 'x'.repeat(10) }],
  [400, 'with many channels', 'open', '/apps/ID/events', { ...EVENT, channels: ['a', 'b', 'c'] }],
  [400, 'with many events', 'open', '/apps/ID/batch_events', { batch: [EVENT, EVENT, EVENT] }],
  [400, 'without an event', 'open', '/apps/ID/events', {}],
  [400, 'without data', 'open', '/apps/ID/batch_events', { batch: [{ name: 'news', channel: 'a' }] }],
  [400, 'of the users of a public channel', 'open', '/apps/ID/channels/a/users'],
]

/** Bodies at which soketi stops, or that it never answers. */
const BAD_BODIES: readonly (readonly [path: string, body: unknown])[] = [
  ...[null, 5, [], 'text', { ...EVENT, channel: 5 }, { ...EVENT, channel: {} }].map(
    (body) => ['/apps/ID/events', body] as const,
  ),
  ...['ab', 5, { length: 1 }, [5], [null], [[]], [{}]].map(
    (channels) => ['/apps/ID/events', { ...EVENT, channels }] as const,
  ),
  ...[null, 5, {}, { batch: 'x' }, { batch: { length: 1 } }, { batch: [null] }, { batch: [[]] }].map(
    (body) => ['/apps/ID/batch_events', body] as const,
  ),
  ['/apps/ID/batch_events', { batch: [EVENT, { ...EVENT, channels: 'ab' }] }],
]

let folder: string
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'soketi-http-errors-'))
  for (const [id, limits] of Object.entries(APPS)) {
    const attributes = Object.entries(limits).map(([name, value]) => [
      name.replace(/^m/, 'M'),
      { N: String(value) },
    ])
    await endpoint.put(id, Object.fromEntries(attributes))
  }
})
afterAll(async () => {
  await killAll()
  rmSync(folder, { recursive: true })
})

async function send(soketi: Soketi, [, what, id, path, body]: Row): Promise<Response> {
  const server = backend(soketi.port, id)
  const route = path.replace('ID', id)
  const request = body === undefined ? { method: 'GET' } : { method: 'POST', body: JSON.stringify(body) }
  const query = server.createSignedQueryString({ ...request, path: route, params: {} })
  const signed = what.includes('wrong secret') ? query.replace(/auth_signature=./, 'auth_signature=x') : query
  return fetch(`http://127.0.0.1:${soketi.port}${route}?${signed}`, request)
}

async function codeIn(response: Response): Promise<number | undefined> {
  const { code } = (await response.json()) as { code?: number }
  return code
}

describe.each(NODES_AND_OLDER_SOKETIS)('on $name, a request to the HTTP API', (node) => {
  let soketi: Soketi
  let legacy: Soketi
  let array: Soketi
  beforeAll(async () => {
    const config = join(folder, `${node.name.replace(/\W/g, '-')}.json`)
    const apps = Object.entries(APPS).map(([id, limits]) => {
      return { id, key: `${id}-key`, secret: `${id}-secret`, enabled: true, ...limits }
    })
    writeFileSync(config, JSON.stringify({ 'appManager.array.apps': apps, 'httpApi.requestLimitInMb': 1 }))
    const args = [`${node.soketi}bin/server.js`, 'start', '--config', config]
    const keepsStatus = { SOKETI_APP_MANAGER_HTTP_LEGACY_ERROR_STATUS: 'true' }
    ;[soketi, legacy, array] = await Promise.all([
      startSoketi({ node, args, env: httpDriver(endpoint.url) }),
      startSoketi({ node, args, env: httpDriver(endpoint.url, keepsStatus) }),
      startSoketi({ node, args, preload: false }),
    ])
  })

  // At the same time, because an app is read once a second at most after wrong signatures.
  it.concurrent.for(ROWS)('gets %d if it is %s: %s, %s', async (row) => {
    const [status, what] = row
    const response = await send(soketi, row)
    expect(response.status).toBe(status)
    expect(await codeIn(response)).toBe(status === 200 ? undefined : status)
    // soketi measures a body before it writes headers, so that status is real without the adapter too.
    const isFirst = what === TOO_LARGE
    expect(response.headers.get('access-control-allow-origin')).toBe(isFirst ? null : '*')
    expect(response.headers.get('retry-after')).toBe(status === 429 ? '1' : null)

    for (const other of [legacy, array]) {
      const unchanged = await send(other, row)
      expect([unchanged.status, await codeIn(unchanged)]).toEqual([
        isFirst ? status : 200,
        status === 200 ? undefined : status,
      ])
    }
  })

  it.each(BAD_BODIES)('gets 400 if its signed body is no event: %s %j', async (path, body) => {
    for (const [to, status] of [
      [soketi, 400],
      [legacy, 200],
    ] as const) {
      const response = await send(to, [400, '', 'open', path, body])
      expect([response.status, await codeIn(response)]).toEqual([status, 400])
    }
  })

  it.each([
    [403, 'disabled'],
    [503, 'bad-number'],
  ])('gets %d if its app is %s, also with the legacy status', async (status, id) => {
    for (const to of [soketi, legacy]) {
      const response = await send(to, [status, '', id, '/apps/ID/events', EVENT])
      expect([response.status, await codeIn(response)]).toEqual([status, status])
      expect(response.headers.get('access-control-allow-origin')).toBe('*')
    }
  })

  it('gets 404 if there is no such route', async () => {
    for (const { port } of [soketi, legacy, array])
      expect((await fetch(`http://127.0.0.1:${port}/nowhere`)).status).toBe(404)
  })

  it('gets 200 if it is a health check, and 500 if soketi is short of memory or closing', async () => {
    const full = await startSoketi({
      node,
      env: httpDriver(endpoint.url, {
        SOKETI_HTTP_ACCEPT_TRAFFIC_MEMORY_THRESHOLD: '0',
        SOKETI_SHUTDOWN_GRACE_PERIOD: '5000',
      }),
    })
    const statuses = async ({ port, metricsPort }: Soketi) => {
      const urls = ['/', '/ready', '/accept-traffic'].map((path) => `http://127.0.0.1:${port}${path}`)
      urls.push(`http://127.0.0.1:${metricsPort}/ready`, `http://127.0.0.1:${metricsPort}/usage`)
      return Promise.all(urls.map(async (url) => (await fetch(url)).status))
    }
    expect(await statuses(soketi)).toEqual([200, 200, 200, 200, 200])
    expect(await statuses(full)).toEqual([200, 200, 500, 200, 200])
    full.process.kill('SIGTERM')
    await until(() => full.output().includes('The server is closing'))
    expect(await statuses(full)).toEqual([200, 500, 500, 500, 200])
  })
})
