import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { connect, disconnectAll } from '../../../harness/clients.ts'
import { httpDriver } from '../../../harness/local-endpoint.ts'
import { type Region, startRegion } from '../../../harness/misbehaving-region.ts'
import { NODES } from '../../../harness/nodes.ts'
import { openRawSocket, type RawSocket } from '../../../harness/raw-socket.ts'
import { readMetric } from '../../../harness/read-metric.ts'
import { killAll, type Soketi, startSoketi } from '../../../harness/soketi-process.ts'
import { until } from '../../../harness/until.ts'
import { endpoint } from '../shared-endpoint.ts'

const PLACES = 10

beforeAll(async () => {
  await endpoint.put('pair', { MaxConnections: { N: '2' } })
})
afterEach(disconnectAll)
afterAll(killAll)

describe.each(NODES)('on $name, while the app of a client cannot be looked up', (node) => {
  let region: Region
  let soketi: Soketi
  beforeAll(async () => {
    region = await startRegion(endpoint.url)
    const env = httpDriver(region.url, {
      SOKETI_APP_MANAGER_HTTP_MAX_WAITING_SOCKETS: String(PLACES),
      SOKETI_APP_MANAGER_HTTP_STALE_IF_ERROR_MS: '0',
      SOKETI_APP_MANAGER_HTTP_APP_TTL_MS: '1',
      SOKETI_APP_MANAGER_HTTP_FOLLOWED_MAX_MS: '1',
      SOKETI_APP_MANAGER_HTTP_ATTEMPT_TIMEOUT_MS: '300',
      SOKETI_METRICS_ENABLED: '1',
      SOKETI_SHUTDOWN_GRACE_PERIOD: '5000',
    })
    soketi = await startSoketi({ node, env })
  })
  afterEach(() => region.recover())
  afterAll(async () => {
    await soketi.kill()
    await region.close()
  })

  const waiting = () => readMetric(soketi, 'http_app_manager_waiting_sockets')
  const rejected = () => readMetric(soketi, 'http_app_manager_rejected_total', 'websocket')
  const open = async (...ids: string[]): Promise<RawSocket[]> =>
    Promise.all(ids.map((id) => openRawSocket(soketi.port, `${id}-key`)))
  const waitFor = (count: number) => until(async () => (await waiting()) === count)

  it.each(['refuses connections', 'does not answer', 'answers 503 with Retry-After'] as const)(
    'because the endpoint %s, the client waits, and is connected when it answers',
    async (how) => {
      await region.misbehave(how)
      const client = connect(soketi.port, 'bare-key')
      await waitFor(1)
      await region.recover()
      await client.connected()
      expect(client.errors).toEqual([])
      await waitFor(0)
    },
  )

  it('it is rejected with 4100 after 6 to 7 s, by a message and by the close code', async () => {
    await region.misbehave('refuses connections')
    const startedMs = performance.now()
    const [client] = await open('bare')
    expect(await client?.closed).toBe(4100)
    expect(performance.now() - startedMs).toBeGreaterThan(5_900)
    expect(performance.now() - startedMs).toBeLessThan(9_000)
    expect(client?.received).toMatchObject([{ event: 'pusher:error', data: { code: 4100 } }])
  })

  it('each gets what is right when the endpoint answers: 4001, 4003, 4100 above the limit, or a connection', async () => {
    await region.misbehave('refuses connections')
    const clients = await open('nobody', 'disabled', 'bare', 'pair', 'pair', 'pair')
    await waitFor(6)
    await region.recover()
    const codes = await Promise.all(clients.map(({ answered }) => answered))
    expect(codes.slice(0, 3)).toEqual([4001, 4003, undefined])
    expect(codes.slice(3).sort()).toEqual([4100, undefined, undefined])
    for (const client of clients) client.close()
    await until(async () => (await readMetric(soketi, 'connected')) === 0)
  })

  it('it is rejected at once if its key has half of the places already, or all places are taken', async () => {
    await region.misbehave('refuses connections')
    const first = await open(...Array<string>(PLACES / 2).fill('bare'))
    await waitFor(PLACES / 2)
    const [above] = await open('bare')
    expect(await above?.closed).toBe(4100)
    const others = await open(...Array.from({ length: PLACES / 2 }, (_, index) => `other-${index}`))
    await waitFor(PLACES)
    const [outside] = await open('demo')
    expect(await outside?.closed).toBe(4100)
    expect(await waiting()).toBe(PLACES)
    for (const client of [...first, ...others]) client.close()
    await waitFor(0)
  })

  it('it is forgotten when it leaves, and its early messages are ignored', async () => {
    await region.misbehave('refuses connections')
    const [leaving, staying] = await open('bare', 'bare')
    staying?.send({ event: 'pusher:subscribe', data: { channel: 'news' } })
    await waitFor(2)
    const before = await rejected()
    leaving?.close()
    await waitFor(1)
    await region.recover()
    await until(() => staying?.isEstablished())
    staying?.send({ event: 'pusher:ping', data: {} })
    await until(() => (staying?.received.length ?? 0) > 1)
    expect(staying?.received.map(({ event }) => event)).toEqual([
      'pusher:connection_established',
      'pusher:pong',
    ])
    expect(await rejected()).toBe(before)
    expect(await readMetric(soketi, 'connected')).toBe(1)
    staying?.close()
  })

  it('and soketi stops, the client gets 4100 before the grace period', async () => {
    await region.misbehave('refuses connections')
    const [client] = await open('bare')
    await waitFor(1)
    soketi.process.kill('SIGTERM')
    expect(await client?.closed).toBe(4100)
    expect(client?.received).toMatchObject([{ event: 'pusher:error', data: { code: 4100 } }])
    expect(soketi.isRunning()).toBe(true)
  })
})
