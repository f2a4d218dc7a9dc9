import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Item } from '../../../functions/apps/item.ts'
import { backend, type Client, connect, disconnectAll, subscribe } from '../../../harness/clients.ts'
import { type Endpoint, httpDriver, startEndpoint } from '../../../harness/local-endpoint.ts'
import { type Region, startRegion } from '../../../harness/misbehaving-region.ts'
import { ANY_NODE } from '../../../harness/nodes.ts'
import { readMetric } from '../../../harness/read-metric.ts'
import { type Redis, redisEnv, startRedis } from '../../../harness/redis.ts'
import { rotate } from '../../../harness/rotate.ts'
import { killAll, type Soketi, startSoketi } from '../../../harness/soketi-process.ts'
import { type SqsQueue, sqsEnv, startSqsQueue } from '../../../harness/sqs.ts'
import { until } from '../../../harness/until.ts'
import { startWebhookReceiver, type WebhookReceiver } from '../../../harness/webhook-receiver.ts'

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

const hookOf = ({ url }: WebhookReceiver) => ({
  Webhooks: { S: JSON.stringify([{ url, event_types: ['channel_occupied'] }]) },
})

const QUEUES = ['Redis', 'SQS', 'SQS in batches'] as const

describe.each(QUEUES)('webhooks queued in %s before a rotation', (queue) => {
  let region: Region
  let soketi: Soketi
  let sqs: SqsQueue
  let receiver: WebhookReceiver
  beforeAll(async () => {
    ;[region, sqs, receiver] = await Promise.all([
      startRegion(endpoint.url),
      startSqsQueue(),
      startWebhookReceiver(),
    ])
    soketi = await startNode()
  })
  afterAll(async () => {
    await soketi.kill()
    await region.close()
    sqs.close()
    receiver.close()
  })

  const startNode = (url = region.url, env = {}) =>
    startSoketi({
      node: ANY_NODE,
      env: httpDriver(url, {
        ...(queue === 'Redis'
          ? { SOKETI_QUEUE_DRIVER: 'redis', ...redisEnv(redis) }
          : sqsEnv(sqs, queue === 'SQS in batches')),
        SOKETI_METRICS_ENABLED: '1',
        SOKETI_APP_MANAGER_HTTP_FEED_POLL_INTERVAL_MS: '0',
        SOKETI_APP_MANAGER_HTTP_APP_TTL_MS: '1',
        SOKETI_APP_MANAGER_HTTP_STALE_IF_ERROR_MS: '1',
        ...env,
      }),
    })

  /** The channels of the webhooks that have arrived. */
  const arrived = () => receiver.deliveries.map(({ body }) => body.events[0]?.channel)

  /** Webhooks of these channels are queued in an outage, in which the secret is replaced. */
  async function queueAcross(
    id: string,
    channels: readonly string[],
    replace: (hook: Item) => Promise<unknown>,
  ) {
    const hook = hookOf(receiver)
    await endpoint.put(id, hook)
    const client = connect(soketi.port, `${id}-key`)
    await client.connected()
    const rejected = () =>
      queue === 'Redis'
        ? readMetric(soketi, 'http_app_manager_rejected_total', 'webhook')
        : Promise.resolve([...sqs.messages.values()].filter(({ receives }) => receives > 1).length)
    const before = await rejected()
    await region.misbehave('resets connections')
    for (const channel of channels) await subscribe(client, channel)
    await until(() => rejected().then((times) => times > before))
    await replace(hook)
    await endpoint.restart()
    await region.recover()
  }

  it('all arrive, signed with the new secret', async () => {
    const id = `kept-${queue}`.replace(/\W/g, '-')
    const channels = Array.from({ length: 10 }, (_, i) => `room-${i}`)
    await queueAcross(id, channels, (hook) => rotate(endpoint, id, 600, hook))
    await until(() => channels.every((channel) => arrived().includes(channel)))
    const receiverOf = backend(soketi.port, id, { secret: 'new' })
    for (const { headers, rawBody } of receiver.deliveries)
      expect(receiverOf.webhook({ headers, rawBody }).isValid()).toBe(true)
  })

  it('are discarded if no secret of the app signed them, and the next ones arrive', async () => {
    const id = `lost-${queue}`.replace(/\W/g, '-')
    receiver.deliveries.length = 0
    await queueAcross(id, ['before'], (hook) => endpoint.put(id, { ...hook, AppSecret: { S: 'new' } }))
    const next = connect(soketi.port, `${id}-key`)
    await next.connected()
    await until(() => sqs.messages.size === 0)
    await subscribe(next, 'after')
    await until(() => receiver.deliveries.length > 0)
    expect(arrived()).toEqual(['after'])
    expect(soketi.isRunning()).toBe(true)
  })

  it('stay in the queue while a node cannot read the secret that signed them', async () => {
    const id = `unread-${queue}`.replace(/\W/g, '-')
    await soketi.kill()
    receiver.deliveries.length = 0
    const hook = hookOf(receiver)
    await endpoint.put(id, hook)
    // In the outage of its region, the first node serves the app as it was.
    const nodes = await Promise.all([
      startNode(region.url, { SOKETI_APP_MANAGER_HTTP_STALE_IF_ERROR_MS: '600000' }),
      startNode(endpoint.url),
    ])
    const clients = nodes.map(({ port }) => connect(port, `${id}-key`))
    await Promise.all(clients.map((client) => client.connected()))
    await region.misbehave('refuses connections')
    await rotate(endpoint, id, 600, hook)
    // The second one now has the new secret, and signs with it.
    await backend(nodes[1].port, id, { secret: 'new' }).trigger('news', 'event', {})

    const channels: string[] = []
    await until(async () => {
      const channel = `room-${channels.length}`
      channels.push(channel)
      await subscribe(clients[1] as Client, channel)
      return queue === 'Redis'
        ? (await readMetric(nodes[0], 'http_app_manager_rejected_total', 'webhook')) > 0
        : [...sqs.messages.values()].some(({ receives }) => receives > 1)
    })
    await region.recover()
    await until(() => channels.every((channel) => arrived().includes(channel)))
    await Promise.all(nodes.map((node) => node.kill()))
  })
})
