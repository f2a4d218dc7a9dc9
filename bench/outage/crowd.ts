import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { type Endpoint, httpDriver } from '../../harness/local-endpoint.ts'
import { startRegion } from '../../harness/misbehaving-region.ts'
import { ANY_NODE } from '../../harness/nodes.ts'
import { openRawSocket, type RawSocket } from '../../harness/raw-socket.ts'
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
  const open = new Set<RawSocket>()
  let [attempts, connected, isOver] = [0, 0, false]
  const keepTrying = async (key: string) => {
    while (!isOver) {
      attempts += 1
      const socket = await openRawSocket(soketi.port, key)
      open.add(socket)
      const code = await Promise.race([socket.answered, socket.closed])
      if (code === undefined) {
        connected += 1
        return
      }
      await socket.closed
      open.delete(socket)
      await sleep(RECONNECT_MS)
    }
  }
  try {
    await region.misbehave('refuses connections')
    for (let index = 0; index < clients; index += 1) {
      void keepTrying(`${APP_IDS[index % APP_IDS.length]}-key`)
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
    for (const socket of open) socket.close()
    await soketi.kill()
    await region.close()
  }
}
