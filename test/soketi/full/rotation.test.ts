import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { backend } from '../../../harness/clients.ts'
import { startLibraryBackends } from '../../../harness/library-backends.ts'
import { type Endpoint, startEndpoint } from '../../../harness/local-endpoint.ts'
import { NODES } from '../../../harness/nodes.ts'
import { openRawSocket } from '../../../harness/raw-socket.ts'
import { type Redis, redisEnv, startRedis } from '../../../harness/redis.ts'
import { rotate } from '../../../harness/rotate.ts'
import { killAll, type Soketi } from '../../../harness/soketi-process.ts'
import { startFollowing } from '../../../harness/start-following.ts'
import { until } from '../../../harness/until.ts'

let endpoint: Endpoint
let redis: Redis
beforeAll(async () => {
  ;[endpoint, redis] = await Promise.all([startEndpoint(), startRedis()])
})
afterAll(async () => {
  await killAll()
  await Promise.all([endpoint.close(), redis.close()])
})

describe.each(NODES)('on two nodes with Redis, on $name, a rotation of a secret', (node) => {
  it('refuses nobody, whether a backend switches at once or late, and then refuses the old one', async () => {
    const id = String(100 + NODES.indexOf(node))
    await endpoint.put(id)
    const start = () =>
      startFollowing(node, endpoint.url, { SOKETI_ADAPTER_DRIVER: 'redis', ...redisEnv(redis) })
    const nodes = await Promise.all([start(), start()])
    const load = await startLoad(id, nodes)
    await load.untilAllWorked()

    const overAt = await rotate(endpoint, id, 10)
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
