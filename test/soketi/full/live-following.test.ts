import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { connect, connectAuthorized, disconnectAll, subscribe } from '../../../harness/clients.ts'
import { type Endpoint, startEndpoint } from '../../../harness/local-endpoint.ts'
import { ANY_NODE } from '../../../harness/nodes.ts'
import { openRawSocket, type RawSocket } from '../../../harness/raw-socket.ts'
import { readMetric } from '../../../harness/read-metric.ts'
import { type Redis, redisEnv, startRedis } from '../../../harness/redis.ts'
import { killAll, type Soketi } from '../../../harness/soketi-process.ts'
import { startFollowing, waitUntilAllFollowed } from '../../../harness/start-following.ts'
import { until } from '../../../harness/until.ts'

let endpoint: Endpoint
let redis: Redis | undefined
beforeAll(async () => {
  endpoint = await startEndpoint()
})
afterEach(disconnectAll)
afterAll(async () => {
  await killAll()
  await redis?.close()
  await endpoint.close()
})

describe('a node that follows the change feed', () => {
  let soketi: Soketi
  beforeAll(async () => {
    soketi = await startFollowing(ANY_NODE, endpoint.url)
  })

  it('closes the sockets of an app that is disabled with 4003, and no others', async () => {
    await endpoint.put('disabled-one')
    const client = connect(soketi.port, 'disabled-one-key')
    const other = connect(soketi.port, 'demo-key')
    await Promise.all([client.connected(), other.connected()])
    await waitUntilAllFollowed(soketi)
    await endpoint.put('disabled-one', { Enabled: { BOOL: false } })
    await until(() => client.errors.length > 0, 20_000)
    expect(new Set(client.errors)).toEqual(new Set([4003]))
    expect(other.pusher.connection.state).toBe('connected')
  })

  it('closes the sockets of an app that is deleted with 4001', async () => {
    await endpoint.put('deleted')
    const client = connect(soketi.port, 'deleted-key')
    await client.connected()
    await waitUntilAllFollowed(soketi)
    await endpoint.remove('deleted')
    await until(() => client.errors.length > 0, 25_000)
    expect(new Set(client.errors)).toEqual(new Set([4001]))
  })

  it('keeps the sockets of an app that is deleted and created again at once', async () => {
    await endpoint.put('again')
    const client = connect(soketi.port, 'again-key')
    await client.connected()
    await waitUntilAllFollowed(soketi)
    const heard = await readMetric(soketi, 'http_app_manager_feed_hints_total')
    await endpoint.remove('again')
    await endpoint.put('again')
    await until(
      async () => (await readMetric(soketi, 'http_app_manager_feed_hints_total')) >= heard + 2,
      20_000,
    )
    await until(
      async () => (await readMetric(soketi, 'http_app_manager_revalidation_queue_length')) === 0,
      20_000,
    )
    expect(client.errors).toEqual([])
    expect(client.pusher.connection.state).toBe('connected')
  })

  it('accepts the new key and rejects the old one, and keeps the open sockets', async () => {
    const id = 'rekeyed'
    await endpoint.put(id)
    const client = connect(soketi.port, `${id}-key`)
    await client.connected()
    await waitUntilAllFollowed(soketi)
    await endpoint.put(id, { AppKey: { S: `${id}-new` } })
    await until(async () => {
      const late = await openRawSocket(soketi.port, `${id}-key`)
      await until(() => late.received.length > 0)
      late.close()
      return !late.isEstablished()
    }, 20_000)
    await connect(soketi.port, `${id}-new`).connected()
    expect(client.pusher.connection.state).toBe('connected')
  })

  it('applies changed flags to what open sockets do next', async () => {
    const id = 'flagged'
    await endpoint.put(id, { EnableClientMessages: { BOOL: false } })
    const client = connectAuthorized(soketi.port, id)
    await client.connected()
    const channel = await subscribe(client, 'private-room')
    channel.trigger('client-a', {})
    await until(() => client.errors.includes(4301))
    await waitUntilAllFollowed(soketi)
    await endpoint.put(id, { EnableClientMessages: { BOOL: true } })
    await until(async () => {
      client.errors.length = 0
      channel.trigger('client-a', {})
      await fetch(`http://127.0.0.1:${soketi.port}/`) // its answer follows the one on the socket
      return client.errors.length === 0
    }, 20_000)
  })

  it('closes 2,000 sockets of 200 apps that are all disabled, without a single lookup', async () => {
    const soketi = await startFollowing(ANY_NODE, endpoint.url, {
      SOKETI_APP_MANAGER_HTTP_UNKNOWN_LOOKUPS_PER_SECOND: '1000',
    })
    const ids = Array.from({ length: 200 }, (_, i) => `crowd-${i}`)
    for (const id of ids) await endpoint.put(id)
    const sockets: RawSocket[] = []
    for (const id of ids)
      sockets.push(
        ...(await Promise.all(Array.from({ length: 10 }, () => openRawSocket(soketi.port, `${id}-key`)))),
      )
    await until(() => sockets.every((socket) => socket.isEstablished()), 60_000)
    await waitUntilAllFollowed(soketi)
    const before = endpoint.requests.length
    for (const id of ids) await endpoint.put(id, { Enabled: { BOOL: false } })
    const codes = await Promise.all(sockets.map(({ closed }) => closed))
    expect(new Set(codes)).toEqual(new Set([4003]))
    const requests = endpoint.requests.slice(before)
    expect(requests.filter((line) => line.startsWith('GET /apps/'))).toEqual([])
    expect(soketi.isRunning()).toBe(true)
  }, 120_000)

  it('applies changes to the sockets of each node of a cluster with Redis', async () => {
    redis = await startRedis()
    const cluster = {
      SOKETI_ADAPTER_DRIVER: 'redis',
      ...redisEnv(redis),
    }
    const nodes = await Promise.all([0, 1].map(() => startFollowing(ANY_NODE, endpoint.url, cluster)))
    await endpoint.put('clustered')
    const clients = nodes.map(({ port }) => connect(port, 'clustered-key'))
    await Promise.all(clients.map((client) => client.connected()))
    await Promise.all(nodes.map(waitUntilAllFollowed))
    await endpoint.put('clustered', { Enabled: { BOOL: false } })
    await until(() => clients.every(({ errors }) => errors.includes(4003)), 20_000)
    expect(nodes.every((node) => node.isRunning())).toBe(true)
  }, 60_000)
})
