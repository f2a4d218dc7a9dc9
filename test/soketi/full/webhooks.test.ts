import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { connect, disconnectAll, subscribe } from '../../../harness/clients.ts'
import { withFeedOnAndOff } from '../../../harness/feed-modes.ts'
import { type Endpoint, httpDriver, startEndpoint } from '../../../harness/local-endpoint.ts'
import { type Region, startRegion } from '../../../harness/misbehaving-region.ts'
import { ANY_NODE, NODES } from '../../../harness/nodes.ts'
import { readMetric } from '../../../harness/read-metric.ts'
import { type Redis, redisEnv, startRedis } from '../../../harness/redis.ts'
import { killAll, type Soketi, startSoketi } from '../../../harness/soketi-process.ts'
import { type SqsQueue, sqsEnv, startSqsQueue } from '../../../harness/sqs.ts'
import { until } from '../../../harness/until.ts'
import { startWebhookReceiver, type WebhookReceiver } from '../../../harness/webhook-receiver.ts'

let endpoint: Endpoint
let receiver: WebhookReceiver
let redis: Redis
beforeAll(async () => {
  ;[endpoint, receiver, redis] = await Promise.all([startEndpoint(), startWebhookReceiver(), startRedis()])
  await endpoint.put('hooked', hookedBy(receiver))
})
afterAll(async () => {
  await killAll()
  receiver.close()
  await Promise.all([endpoint.close(), redis.close()])
})

const QUEUES = ['Redis', 'SQS', 'SQS in batches'] as const
const MODES = withFeedOnAndOff({ on: [ANY_NODE], off: NODES })
const COMBINATIONS = MODES.flatMap((mode) => QUEUES.map((queue) => ({ ...mode, queue })))

describe.each(COMBINATIONS)('on $name, webhooks queued in $queue', ({ name, node, feed, queue }) => {
  let region: Region
  let soketi: Soketi
  let sqs: SqsQueue
  let env: Record<string, string>

  beforeAll(async () => {
    ;[region, sqs] = await Promise.all([startRegion(endpoint.url), startSqsQueue()])
    const queueSettings =
      queue === 'Redis'
        ? {
            SOKETI_QUEUE_DRIVER: 'redis',
            ...redisEnv(redis),
          }
        : sqsEnv(sqs, queue === 'SQS in batches')
    env = httpDriver(region.url, {
      ...queueSettings,
      SOKETI_METRICS_ENABLED: '1',
      ...feed,
      SOKETI_APP_MANAGER_HTTP_FOLLOWED_MAX_MS: '1',
      SOKETI_APP_MANAGER_HTTP_APP_TTL_MS: '1',
      SOKETI_APP_MANAGER_HTTP_STALE_IF_ERROR_MS: '1',
    })
    soketi = await startSoketi({ node, env })
  })
  afterEach(() => {
    disconnectAll()
    expect(soketi.isRunning(), soketi.output()).toBe(true)
  })
  afterAll(async () => {
    await soketi.kill()
    await region.close()
    sqs.close()
  })

  /** Lets a client cause a webhook for this channel during an outage, and waits until the queue has tried to send it. */
  async function queueInOutage(id: string, channel: string): Promise<void> {
    const rejected = () => readMetric(soketi, 'http_app_manager_rejected_total', 'webhook')
    const before = await rejected()
    const client = connect(soketi.port, `${id}-key`)
    await client.connected()
    await region.misbehave('resets connections')
    await subscribe(client, channel)
    await until(async () =>
      queue === 'Redis'
        ? (await rejected()) > before
        : [...sqs.messages.values()].some(({ receives }) => receives > 1),
    )
  }

  it('are delivered once, after the end of an outage', async () => {
    receiver.deliveries.length = 0
    await queueInOutage('hooked', 'news')
    expect(receiver.deliveries).toEqual([])
    await region.recover()
    await until(() => receiver.deliveries.length > 0)
    await until(() => sqs.messages.size === 0)
    expect(receiver.deliveries.map(({ body }) => body.events[0]?.channel)).toEqual(['news'])
  })

  it('are discarded when their app was deleted', async () => {
    receiver.deliveries.length = 0
    const id = `brief-${name}-${queue}`.replace(/\W/g, '-')
    await endpoint.put(id, hookedBy(receiver))
    await queueInOutage(id, 'no-news')
    await endpoint.remove(id)
    await endpoint.restart()
    // Not in the middle of a delivery, which BullMQ would repeat only after up to a minute.
    await soketi.kill('SIGTERM')
    await region.recover()
    // A node that knew the app would not treat it as deleted at once.
    soketi = await startSoketi({ node, env })
    await until(() => readMetric(soketi, 'http_app_manager_lookups_total', 'outcome="missing"'))
    await until(() => sqs.messages.size === 0)
    expect(receiver.deliveries).toEqual([])
  })
})

const hookedBy = ({ url }: WebhookReceiver) => ({
  Webhooks: { S: JSON.stringify([{ url, event_types: ['channel_occupied'] }]) },
})
