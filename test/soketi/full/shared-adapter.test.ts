import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { connect, disconnectAll } from '../../../harness/clients.ts'
import { type Endpoint, httpDriver, startEndpoint } from '../../../harness/local-endpoint.ts'
import { NODES } from '../../../harness/nodes.ts'
import { openRawSocket } from '../../../harness/raw-socket.ts'
import { readMetric } from '../../../harness/read-metric.ts'
import { type Redis, startRedis } from '../../../harness/redis.ts'
import { killAll, startSoketi } from '../../../harness/soketi-process.ts'
import { until } from '../../../harness/until.ts'

let endpoint: Endpoint
let redis: Redis
beforeAll(async () => {
  ;[endpoint, redis] = await Promise.all([startEndpoint(), startRedis()])
})
afterAll(async () => {
  disconnectAll()
  await killAll()
  await Promise.all([endpoint.close(), redis.close()])
})

describe.each(NODES)('on $name, soketi with the Redis adapter', (node) => {
  it('logs nothing when clients leave while it counts connections', async () => {
    const soketi = await startSoketi({
      node,
      env: httpDriver(endpoint.url, {
        SOKETI_ADAPTER_DRIVER: 'redis',
        SOKETI_DB_REDIS_HOST: '127.0.0.1',
        SOKETI_DB_REDIS_PORT: String(redis.port),
        SOKETI_METRICS_ENABLED: '1',
      }),
    })
    await connect(soketi.port, 'bare-key').connected()
    const before = soketi.output()
    const leave = async () => {
      const client = await openRawSocket(soketi.port, 'bare-key')
      client.close()
      await client.closed
    }
    for (let round = 0; round < 10; round += 1) await Promise.all(Array.from({ length: 20 }, leave))
    await until(async () => (await readMetric(soketi, 'connected')) === 1)
    expect(soketi.output().slice(before.length)).toBe('')
  })
})
