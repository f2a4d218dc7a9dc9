import { createConnection, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { type Endpoint, httpDriver } from '../../harness/local-endpoint.ts'
import { startRegion } from '../../harness/misbehaving-region.ts'
import { ANY_NODE } from '../../harness/nodes.ts'
import { startSoketi } from '../../harness/soketi-process.ts'
import { until } from '../../harness/until.ts'
import type { Build } from './builds.ts'
import { APP_IDS } from './libraries.ts'

export type CrowdMeasure = 'attempts a second' | 'all back after s' | 'longest delay of the event loop, ms'

const PROBE = fileURLToPath(new URL('event-loop-probe.cjs', import.meta.url))
/** As pusher-js. */
const RECONNECT_MS = 1_000
/** Long enough for clients to be rejected twice. */
const OUTAGE_MS = 20_000

/** Clients that connect and are rejected in an outage, until they are connected after it. */
export async function measureCrowd(
  endpoint: Endpoint,
  build: Build,
  clients: number,
): Promise<Record<CrowdMeasure, number>> {
  const region = await startRegion(endpoint.url)
  const soketi = await startSoketi({
    node: ANY_NODE,
    preload: build.file,
    args: ['--require', PROBE, `${ANY_NODE.soketi}bin/server.js`, 'start'],
    env: httpDriver(region.url),
  })
  const open = new Set<Socket>()
  let [attempts, connected, isOver] = [0, 0, false]
  const connect = (key: string) => {
    if (isOver) return
    attempts += 1
    const socket = createConnection(soketi.port, '127.0.0.1')
    open.add(socket)
    socket.write(handshakeFor(key))
    socket.on('data', (data) => {
      if (data.includes('pusher:connection_established')) connected += 1
      else if (data.includes('pusher:error')) socket.destroy()
    })
    socket.on('error', () => {})
    socket.on('close', () => {
      open.delete(socket)
      setTimeout(connect, RECONNECT_MS, key)
    })
  }
  try {
    await region.misbehave('refuses connections')
    for (let index = 0; index < clients; index += 1) {
      connect(`${APP_IDS[index % APP_IDS.length]}-key`)
      if (index % 100 === 99) await sleep(20)
    }
    const before = attempts
    const startedAt = performance.now()
    await sleep(OUTAGE_MS)
    const perSecond = ((attempts - before) / (performance.now() - startedAt)) * 1_000
    soketi.process.kill('SIGUSR2')
    await region.recover()
    const recoveredAt = performance.now()
    await until(() => connected === clients, 60_000)
    const backAfterS = (performance.now() - recoveredAt) / 1_000
    soketi.process.kill('SIGUSR2')
    const delays = () => [...soketi.output().matchAll(/longest delay (\d+) ms/g)]
    await until(() => delays().length === 2)
    return {
      'attempts a second': perSecond,
      'all back after s': backAfterS,
      'longest delay of the event loop, ms': Number(delays()[1]?.[1]),
    }
  } finally {
    isOver = true
    for (const socket of open) socket.destroy()
    await soketi.kill()
    await region.close()
  }
}

/** Plain text, because thousands of WebSocket clients would keep this process busier than soketi. */
function handshakeFor(key: string): string {
  return [
    `GET /app/${key}?protocol=7 HTTP/1.1`,
    'Host: localhost',
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==', // https://www.rfc-editor.org/rfc/rfc6455#section-1.2
    '',
    '',
  ].join('\r\n')
}
