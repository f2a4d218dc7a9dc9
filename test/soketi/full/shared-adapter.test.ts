import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { backend, connect, disconnectAll, subscribe } from '../../../harness/clients.ts'
import { type Endpoint, httpDriver, startEndpoint } from '../../../harness/local-endpoint.ts'
import type { LocalServer } from '../../../harness/local-server.ts'
import { startNats } from '../../../harness/nats.ts'
import { NODES, type SoketiNode } from '../../../harness/nodes.ts'
import { freePorts } from '../../../harness/ports.ts'
import { openRawSocket } from '../../../harness/raw-socket.ts'
import { readMetric } from '../../../harness/read-metric.ts'
import { redisEnv, startRedis } from '../../../harness/redis.ts'
import { killAll, startSoketi } from '../../../harness/soketi-process.ts'
import { until } from '../../../harness/until.ts'

let endpoint: Endpoint
let redis: LocalServer
let nats: LocalServer
beforeAll(async () => {
  ;[endpoint, redis, nats] = await Promise.all([startEndpoint(), startRedis(), startNats()])
})
afterAll(async () => {
  disconnectAll()
  await killAll()
  await Promise.all([endpoint.close(), redis.close(), nats.close()])
})

type Environment = Readonly<Record<string, string>>

/** The adapters by which two soketis share their sockets, and their settings. Those of a cluster have the same port. */
const ADAPTERS: readonly (readonly [name: string, environmentOf: (port: string) => Environment])[] = [
  ['redis', () => redisEnv(redis)],
  [
    'nats',
    () => ({
      SOKETI_ADAPTER_NATS_SERVERS: JSON.stringify([`127.0.0.1:${nats.port}`]),
      SOKETI_ADAPTER_NATS_NODES_NUMBER: '2',
    }),
  ],
  [
    'cluster',
    (port) => ({
      SOKETI_CLUSTER_PORT: port,
      SOKETI_CLUSTER_UNICAST_ADDRESSES: '',
      SOKETI_CLUSTER_BROADCAST_ADDRESS: '127.255.255.255',
    }),
  ],
]

/** Two soketis that have found each other. */
async function startTwo(node: SoketiNode, driver: string, environment: Environment) {
  const env = httpDriver(endpoint.url, {
    SOKETI_ADAPTER_DRIVER: driver,
    SOKETI_METRICS_ENABLED: '1',
    ...environment,
  })
  const [first, second] = [await startSoketi({ node, env }), await startSoketi({ node, env })]
  await subscribe(connect(second.port, 'demo-key'), 'news')
  await until(async () => {
    const response = await backend(first.port, 'demo').get({ path: '/channels/news' })
    const { subscription_count } = (await response.json()) as { subscription_count: number }
    return subscription_count === 1
  })
  return [first, second] as const
}

describe.each(NODES)('on $name, soketi', (node) => {
  it.each(ADAPTERS)(
    'with the %s adapter logs nothing when clients leave while it counts connections',
    async (driver, environmentOf) => {
      const [port] = await freePorts(1)
      const soketis = await startTwo(node, driver, environmentOf(String(port)))
      const [soketi] = soketis
      await connect(soketi.port, 'bare-key').connected()
      const before = soketis.map(({ output }) => output().length)
      const leave = async () => {
        const client = await openRawSocket(soketi.port, 'bare-key')
        client.close()
        await client.closed
      }
      for (let round = 0; round < 10; round += 1) await Promise.all(Array.from({ length: 20 }, leave))
      await until(async () => (await readMetric(soketi, 'connected')) === 1)
      expect(soketis.map(({ output }, i) => output().slice(before[i]))).toEqual(['', ''])
      disconnectAll()
      await killAll()
    },
  )
})
