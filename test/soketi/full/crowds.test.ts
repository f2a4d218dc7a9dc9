import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { connect, disconnectAll } from '../../../harness/clients.ts'
import { withFeedOnAndOff } from '../../../harness/feed-modes.ts'
import { type Endpoint, httpDriver, startEndpoint } from '../../../harness/local-endpoint.ts'
import { type Region, startRegion } from '../../../harness/misbehaving-region.ts'
import { ANY_NODE } from '../../../harness/nodes.ts'
import { openRawSocket, type RawSocket } from '../../../harness/raw-socket.ts'
import { readMetric } from '../../../harness/read-metric.ts'
import { killAll, type Soketi, startSoketi } from '../../../harness/soketi-process.ts'
import { until } from '../../../harness/until.ts'

let endpoint: Endpoint
let region: Region
let soketi: Soketi

beforeAll(async () => {
  endpoint = await startEndpoint()
  region = await startRegion(endpoint.url)
})
afterEach(async () => {
  disconnectAll()
  await killAll()
})
afterAll(async () => {
  await region.close()
  await endpoint.close()
})

async function start(feed: Readonly<Record<string, string>>): Promise<void> {
  soketi = await startSoketi({
    node: ANY_NODE,
    env: httpDriver(region.url, {
      ...feed,
      SOKETI_METRICS_ENABLED: '1',
      SOKETI_APP_MANAGER_HTTP_REJECTION_JITTER_MS: '1000',
      SOKETI_APP_MANAGER_HTTP_REVALIDATE_INTERVAL_MS: '500',
    }),
  })
}

const MODES = withFeedOnAndOff({ on: [ANY_NODE], off: [ANY_NODE] })

describe('soketi with', () => {
  it.for(MODES)(
    '2,000 open sockets loses none in an outage, and as many waiting ones connect after it: on $name',
    { timeout: 120_000 },
    async ({ follows, feed }) => {
      await start(feed)
      const open = await openMany(2_000, () => 'bare-key')
      await until(() => open.every((socket) => socket.isEstablished()), 60_000)
      const late = `late-${follows}`
      await endpoint.put(late)
      const lookups = () => region.requests.filter((line) => line.startsWith('GET /apps/')).length
      const atFirst = lookups()

      await region.misbehave('does not answer')
      const waiting = Array.from({ length: 2_000 }, () => keepTrying(`${late}-key`))
      await until(async () => (await readMetric(soketi, 'http_app_manager_rejected_total')) >= 2_000, 60_000)
      const before = lookups()
      expect(before - atFirst).toBeLessThan(100) // one in flight for each app, and probes
      await region.recover()
      await until(() => waiting.every((client) => client.isEstablished()), 60_000)
      expect(lookups() - before).toBeLessThan(20)
      expect(new Set(waiting.flatMap(({ codes }) => codes))).toEqual(new Set([4100]))
      expect(open.every((socket) => socket.isEstablished() && !socket.isClosed())).toBe(true)

      for (const client of [...waiting, ...open]) client.close()
      await until(async () => (await readMetric(soketi, 'connected')) === 0, 60_000)
    },
  )

  it('10,000 connections with hostile and random keys serves a known app without a failure', async () => {
    await start({})
    const codes: number[] = []
    let known = 0
    const before = region.requests.length
    const startedMs = performance.now()
    for (let round = 0; round < 20; round += 1) {
      const strangers = await openMany(500, (i) => hostileKey(round * 500 + i))
      const client = connect(soketi.port, 'bare-key')
      await client.connected()
      expect(client.errors).toEqual([])
      known += 1
      client.pusher.disconnect()
      codes.push(...(await Promise.all(strangers.map(({ closed }) => closed))))
    }
    const seconds = (performance.now() - startedMs) / 1_000
    expect(known).toBe(20)
    expect(codes).toHaveLength(10_000)
    expect(codes.filter((code) => ![4001, 4100, 1006].includes(code))).toEqual([])
    // 50 lookups of names that were never seen a second, and what the bucket held at the start.
    expect(region.requests.length - before).toBeLessThan(50 * (seconds + 2))
    expect(await readMetric(soketi, 'http_app_manager_region_state', 'state="answering"')).toBe(1)
    expect(soketi.isRunning()).toBe(true)
  }, 120_000)
})

async function openMany(
  count: number,
  key: (index: number) => string,
): Promise<(RawSocket & { isClosed(): boolean })[]> {
  const sockets: (RawSocket & { isClosed(): boolean })[] = []
  for (let from = 0; from < count; from += 100) {
    const some = Array.from({ length: Math.min(100, count - from) }, (_, i) =>
      openRawSocket(soketi.port, key(from + i)),
    )
    for (const socket of await Promise.all(some)) {
      let closed = false
      socket.closed.then(() => {
        closed = true
      })
      sockets.push(Object.assign(socket, { isClosed: () => closed }))
    }
  }
  return sockets
}

/** A client that reconnects one second after each rejection, as Pusher clients do. */
function keepTrying(key: string) {
  const codes: number[] = []
  let socket: RawSocket | undefined
  let isOver = false
  const attempt = async () => {
    socket = await openRawSocket(soketi.port, key)
    const code = await socket.closed
    if (isOver) return
    codes.push(code)
    setTimeout(attempt, 1_000)
  }
  void attempt()
  return {
    codes,
    isEstablished: () => socket?.isEstablished() ?? false,
    close: () => {
      isOver = true
      socket?.close()
    },
  }
}

function hostileKey(index: number): string {
  const random = Math.random().toString(36).slice(2)
  const shapes = [
    random,
    `%00${random}`,
    `%2e%2e%2f${random}`,
    `${random}%`,
    `%zz${random}`,
    `__proto__${random}`,
    `%F0%9F%91%BE${random}`,
    random.repeat(300),
    'nobody-key',
    `'; drop ${random}`.replaceAll(' ', '+'),
  ]
  return shapes[index % shapes.length] ?? random
}
