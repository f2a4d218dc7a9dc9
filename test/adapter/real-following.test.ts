import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import {
  type App,
  type AppLookup,
  type AppLookupOptions,
  createAppLookup,
} from '../../adapter/lookup/index.ts'
import { type Endpoint, startEndpoint, TOKEN } from '../../harness/local-endpoint.ts'

let endpoint: Endpoint
beforeAll(async () => {
  endpoint = await startEndpoint()
})
afterAll(() => endpoint.close())

/** A lookup that polls once per second, and learns of changes by the feed only. */
function startLookup(options: Partial<AppLookupOptions> = {}) {
  const told: { readonly id: string; readonly app: App | undefined }[] = []
  const users = new Set<string>()
  const lookup = createAppLookup({
    url: endpoint.url,
    token: TOKEN,
    feedPollIntervalMs: 1_000,
    appTtlMs: 600_000,
    revalidateIntervalMs: 600_000,
    ...options,
  })
  onTestFinished(() => lookup.close())
  lookup.keepCurrent({
    ids: () => users,
    changed: (id, app) => {
      if (users.has(id)) told.push({ id, app })
    },
  })
  const follows = (apps: number) =>
    expect
      .poll(() => lookup.stats().revalidation, { timeout: 20_000 })
      .toMatchObject({ feed: 'following', followedApps: apps })
  return { lookup, users, told, follows }
}

const requestsOf = (lookup: AppLookup, kind: 'lookup' | 'batch' | 'poll') =>
  Object.values(lookup.stats().regions[0]?.requests[kind] ?? {}).reduce((sum, count) => sum + count, 0)

describe('on the real stack', () => {
  it('the start-up check reports that changes are followed', async () => {
    const { lookup } = startLookup()
    expect((await lookup.check()).summary).toMatch(/ answers; changes are followed$/)
  })

  it('a change, another key, a deletion and a new app are known, without a single lookup', async () => {
    for (const id of ['changed', 'moved', 'removed']) await endpoint.put(id)
    const { lookup, users, told, follows } = startLookup()
    await lookup.check()
    for (const id of ['changed', 'moved', 'removed']) expect(await lookup.findById(id)).toBeDefined()
    await follows(3)
    for (const id of ['changed', 'moved', 'removed']) users.add(id)
    const before = requestsOf(lookup, 'lookup')

    await endpoint.put('changed', { Enabled: { BOOL: false } })
    await endpoint.put('moved', { AppKey: { S: 'moved-to' } })
    await endpoint.remove('removed')
    const timeout = 30_000
    await expect.poll(() => lookup.peek('changed')?.enabled, { timeout }).toBe(false)
    await expect.poll(() => lookup.peek('moved')?.key, { timeout }).toBe('moved-to')
    await expect.poll(() => told.some(({ app }) => app === undefined), { timeout }).toBe(true)
    expect(told.find(({ app }) => app === undefined)?.id).toBe('removed')
    expect(requestsOf(lookup, 'lookup')).toBe(before)

    expect(await lookup.findByKey('moved-to')).toMatchObject({ id: 'moved' })
    expect(await lookup.findByKey('moved-key')).toBeUndefined()
    expect(await lookup.findByKey('new-key')).toBeUndefined()
    await endpoint.put('new')
    await expect.poll(() => lookup.findByKey('new-key'), { timeout }).toMatchObject({ id: 'new' })
  })
})

const SECOND = 1_000
const LOOKUPS = 20
const APPS = 40

/** Makes heartbeats look older, so that following ends within seconds after the last one. */
const OLDER_BY_S = 190

/** A gateway in front of the endpoint that can stop the heartbeat, or throttle. */
async function startGateway() {
  const state = { diedAt: undefined as number | undefined, perSecond: Number.POSITIVE_INFINITY }
  const heartbeatAge = (age: string) => {
    const deadForS = state.diedAt === undefined ? 0 : (performance.now() - state.diedAt) / SECOND
    return `"heartbeatAge":${Math.max(Number(age), Math.floor(deadForS)) + OLDER_BY_S}`
  }
  const arrivals: { readonly at: number; readonly isThrottled: boolean }[] = []
  const forward = async (request: http.IncomingMessage, response: http.ServerResponse) => {
    const at = performance.now()
    const inLastSecond = arrivals.filter((one) => !one.isThrottled && at - one.at < SECOND).length
    const isThrottled = inLastSecond >= state.perSecond
    arrivals.push({ at, isThrottled })
    if (isThrottled) {
      response.writeHead(429, { 'content-type': 'application/json' }).end('{"message":"Too Many Requests"}')
      return
    }
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const { authorization = '', 'content-type': type = 'application/json' } = request.headers
    const answer = await fetch(endpoint.url + request.url, {
      headers: { authorization, 'content-type': type },
      ...(request.method === 'POST' && { method: 'POST', body: Buffer.concat(chunks) }),
    })
    const text = await answer.text()
    const body = text.replace(/"heartbeatAge":(\d+)/, (_, age) => heartbeatAge(age))
    const headers = Object.fromEntries(
      ['content-type', 'etag', 'age'].flatMap((name) => {
        const value = answer.headers.get(name)
        return value === null ? [] : [[name, value]]
      }),
    )
    response.writeHead(answer.status, headers).end(body)
  }
  const server = http.createServer((request, response) => {
    // At the end of a test, the endpoint can close first.
    forward(request, response).catch(() => response.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, state, arrivals }
}

describe(`${LOOKUPS} real lookups whose heartbeat dies at once`, () => {
  it('cause no surge of requests, and follow again, also after a throttle', async () => {
    const ids = Array.from({ length: APPS }, (_, i) => `fleet-${i}`)
    await Promise.all(ids.map((id) => endpoint.put(id)))
    const gateway = await startGateway()
    const lookups = Array.from(
      { length: LOOKUPS },
      () =>
        startLookup({
          url: gateway.url,
          appTtlMs: 5_000,
          feedPollIntervalMs: 5_000,
          unknownLookupsPerSecond: 1_000,
        }).lookup,
    )
    for (const lookup of lookups) await Promise.all(ids.map((id) => lookup.findById(id)))
    const failures: unknown[] = []
    const timer = setInterval(() => {
      for (const lookup of lookups)
        for (let i = 0; i < 3; i += 1)
          lookup.findByKey(`fleet-${Math.floor(Math.random() * APPS)}-key`).then(
            (app) => app ?? failures.push('no such app'),
            (error) => failures.push(error.code),
          )
    }, 100)
    onTestFinished(() => clearInterval(timer))
    const following = () =>
      lookups.filter((lookup) => lookup.stats().revalidation.feed === 'following').length
    const isKnown = () => lookups.every((lookup) => lookup.stats().revalidation.followedApps === APPS)
    await expect.poll(isKnown, { timeout: 30_000 }).toBe(true)

    gateway.state.diedAt = performance.now()
    const since = performance.now()
    await expect.poll(following, { timeout: 40_000 }).toBe(0)
    await new Promise((resolve) => setTimeout(resolve, 4 * SECOND))
    const seconds = (performance.now() - since) / SECOND
    const requests = gateway.arrivals.filter(({ at }) => at >= since).length
    expect(requests / seconds / LOOKUPS).toBeLessThanOrEqual(1.2)
    expect(requests / LOOKUPS).toBeGreaterThan(2)

    gateway.state.perSecond = (1.2 * LOOKUPS) / 2
    await new Promise((resolve) => setTimeout(resolve, 4 * SECOND))
    gateway.state.perSecond = Number.POSITIVE_INFINITY
    gateway.state.diedAt = undefined
    await expect.poll(following, { timeout: 30_000 }).toBe(LOOKUPS)
    expect(failures).toEqual([])
  })
})
