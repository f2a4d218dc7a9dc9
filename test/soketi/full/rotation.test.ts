import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { backend, type Client, connect, disconnectAll, subscribe } from '../../../harness/clients.ts'
import { startLibraryBackends } from '../../../harness/library-backends.ts'
import { type Endpoint, httpDriver, startEndpoint } from '../../../harness/local-endpoint.ts'
import { type Region, startRegion } from '../../../harness/misbehaving-region.ts'
import { ANY_NODE, NODES } from '../../../harness/nodes.ts'
import { openRawSocket } from '../../../harness/raw-socket.ts'
import { readMetric } from '../../../harness/read-metric.ts'
import { type Redis, startRedis } from '../../../harness/redis.ts'
import { killAll, type Soketi, startSoketi } from '../../../harness/soketi-process.ts'
import { type SqsQueue, sqsEnv, startSqsQueue } from '../../../harness/sqs.ts'
import { startFollowing } from '../../../harness/start-following.ts'
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

/** Replaces an app's secret with `new`, and keeps the old one for so long. */
async function rotate(id: string, graceS: number, more = {}): Promise<number> {
  const until = Math.floor(Date.now() / 1_000) + graceS
  await endpoint.put(id, {
    AppSecret: { S: 'new' },
    PreviousAppSecret: { S: `${id}-secret` },
    PreviousAppSecretUntil: { N: String(until) },
    ...more,
  })
  return until * 1_000
}

const redisEnv = () => ({
  SOKETI_DB_REDIS_HOST: '127.0.0.1',
  SOKETI_DB_REDIS_PORT: String(redis.port),
})

describe.each(NODES)('on two nodes with Redis, on $name, a rotation of a secret', (node) => {
  it('refuses nobody, whether a backend switches at once or late, and then refuses the old one', async () => {
    const id = String(100 + NODES.indexOf(node))
    await endpoint.put(id)
    const start = () => startFollowing(node, endpoint.url, { SOKETI_ADAPTER_DRIVER: 'redis', ...redisEnv() })
    const nodes = await Promise.all([start(), start()])
    const load = await startLoad(id, nodes)
    await load.untilAllWorked()

    const overAt = await rotate(id, 10)
    // One after the other, the first before a node can have heard of the new secret.
    for (const { switchTo } of load.users) {
      switchTo('new')
      await load.untilAllWorked()
      await sleep(500)
    }
    await load.stop()
    expect(load.refused).toEqual([])

    const isRefused = ({ port }: Soketi) =>
      backend(port, id)
        .trigger('news', 'event', {})
        .then(
          () => false,
          ({ status }: { status: number }) => status === 401,
        )
    for (const soketi of nodes) await until(() => isRefused(soketi))
    expect(Date.now()).toBeLessThan(overAt + 1_000)
    await Promise.all(nodes.map((soketi) => soketi.kill()))
  })
})

/** Somebody who signs with a secret of the app: calls back as often as it can, at most once in `everyMs`. */
type User = { readonly switchTo: (secret: string) => void }

/** About 50 publishes and 20 subscriptions to private channels a second, over all nodes. */
async function startLoad(id: string, nodes: readonly Soketi[]) {
  const refused: string[] = []
  const worked: number[] = []
  let isOver = false
  const use = (
    name: string,
    everyMs: number,
    call: (secret: string, port: number, round: number) => Promise<unknown>,
  ) => {
    let secret = `${id}-secret`
    const place = worked.push(0) - 1
    const repeat = async () => {
      for (let round = 0; !isOver; round += 1) {
        const pause = sleep(everyMs)
        const { port } = nodes[round % nodes.length] as Soketi
        const error = await call(secret, port, round)
        if (error === undefined) worked[place] = (worked[place] ?? 0) + 1
        else refused.push(`${name}: ${error}`)
        await pause
      }
    }
    const switchTo = (next: string) => {
      secret = next
    }
    return { switchTo, ended: repeat() }
  }

  const backends = startLibraryBackends()
  const sockets = new Map(
    await Promise.all(nodes.map(async ({ port }) => [port, await openSocket(port, id)] as const)),
  )
  const users = [
    ...Object.entries(backends).map(([name, library]) =>
      use(name, 60, (secret, port, round) =>
        library.call(
          port,
          { id, key: `${id}-key`, secret },
          { call: 'trigger', data: { from: String(round) } },
        ),
      ),
    ),
    use('subscription', 50, (secret, port, round) =>
      (sockets.get(port) as Subscriber).subscribe(`private-${round}`, secret),
    ),
  ]
  return {
    users: users as readonly User[],
    refused,
    async untilAllWorked() {
      const before = [...worked]
      await until(() => refused.length > 0 || worked.every((times, i) => times > (before[i] ?? 0) + 5))
    },
    async stop() {
      isOver = true
      await Promise.all(users.map(({ ended }) => ended))
      for (const library of Object.values(backends)) library.close()
      for (const socket of sockets.values()) socket.close()
    },
  }
}

type Subscriber = Awaited<ReturnType<typeof openSocket>>

/** A socket that subscribes to private channels. Each subscription resolves to an error, or to undefined. */
async function openSocket(port: number, id: string) {
  const socket = await openRawSocket(port, `${id}-key`)
  await until(() => socket.isEstablished())
  const socketId: string = JSON.parse(String(socket.received[0]?.data)).socket_id
  return {
    close: socket.close,
    async subscribe(channel: string, secret: string): Promise<string | undefined> {
      const before = socket.received.length
      const { auth } = backend(port, id, { secret }).authorizeChannel(socketId, channel)
      socket.send({ event: 'pusher:subscribe', data: { channel, auth } })
      const response = () =>
        socket.received.slice(before).find((message) => 'channel' in message && message.channel === channel)
      await until(response)
      const { event } = response() ?? {}
      return event === 'pusher_internal:subscription_succeeded' ? undefined : event
    },
  }
}

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
          ? { SOKETI_QUEUE_DRIVER: 'redis', ...redisEnv() }
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
    replace: (hook: object) => Promise<unknown>,
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
    await queueAcross(id, channels, (hook) => rotate(id, 600, hook))
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
    await rotate(id, 600, hook)
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
