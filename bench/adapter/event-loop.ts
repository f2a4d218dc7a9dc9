import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { ADAPTER_FILE, ANY_NODE } from '../../harness/nodes.ts'
import { freePorts } from '../../harness/ports.ts'
import { type Soketi, spawnSoketi } from '../../harness/soketi-process.ts'
import { until } from '../../harness/until.ts'

export type EventLoopMeasure = 'p99.9 of the event loop, ms' | 'longest delay, ms'

const PROGRAM = fileURLToPath(new URL('known-apps.cjs', import.meta.url))
const CHANGES_PER_SECOND = 50
/** The array driver's apps. */
const FEW = 10

/**
 * The delay of the event loop of two soketis at the same time: one that knows many apps, of which 50 change every second,
 * and one with ten apps of the array driver. Both have no clients.
 */
export async function measureEventLoops(
  apps: number,
  ms: number,
): Promise<Readonly<Record<'array' | 'adapter', Readonly<Record<EventLoopMeasure, number>>>>> {
  const endpoint = await startChangingEndpoint(apps)
  const array = { 'appManager.array.apps': Array.from({ length: FEW }, (_, i) => appOf(`app-${i}`, 0)) }
  const http = {
    'appManager.driver': 'http',
    'appManager.http.url': endpoint.url,
    'appManager.http.token': 'made-up-token',
    'appManager.http.maxCachedApps': apps,
  }
  const soketis = await Promise.all([start('', array, 0), start(ADAPTER_FILE, http, apps)])
  try {
    await until(() => soketis.every((soketi) => soketi.output().includes('all apps are known')), 600_000)
    for (const soketi of soketis) await read(soketi)
    await sleep(ms)
    const [ofArray, ofAdapter] = await Promise.all(soketis.map(read))
    if (!ofArray || !ofAdapter) throw new Error('A soketi has ended.')
    return { array: ofArray, adapter: ofAdapter }
  } finally {
    await Promise.all(soketis.map((soketi) => soketi.kill()))
    endpoint.close()
  }
}

async function start(adapter: string, options: object, apps: number): Promise<Soketi> {
  const [port, metricsPort] = await freePorts(2)
  const all = { host: '127.0.0.1', port, 'metrics.port': metricsPort, ...options }
  return spawnSoketi({
    node: ANY_NODE,
    preload: false,
    args: [PROGRAM, adapter, `${ANY_NODE.soketi}dist/index.js`, JSON.stringify(all), String(apps)],
  })
}

/** What a soketi measured since the last time. */
async function read(soketi: Soketi): Promise<Record<EventLoopMeasure, number>> {
  const before = soketi.output().length
  const printed = () => /p99\.9 (\S+) ms, longest (\S+) ms/.exec(soketi.output().slice(before))
  soketi.process.kill('SIGUSR2')
  await until(printed)
  const [, percentile, longest] = printed() ?? []
  return { 'p99.9 of the event loop, ms': Number(percentile), 'longest delay, ms': Number(longest) }
}

const appOf = (id: string, version: number) => ({
  id,
  key: `${id}-key`,
  secret: `${id}-secret`,
  enabled: true,
  maxConnections: 100 + version,
})

/** An endpoint with many apps, of which the next 50 change every second. Its feed tells each change once. */
async function startChangingEndpoint(apps: number) {
  const startedAt = performance.now()
  const changes = () => Math.floor(((performance.now() - startedAt) / 1_000) * CHANGES_PER_SECOND)
  const versionOf = (index: number) => Math.ceil((changes() - index) / apps)
  const resultOf = ({ id, key, etag }: { id?: string; key?: string; etag?: string }) => {
    const name = id ?? key?.replace(/-key$/, '') ?? ''
    const version = versionOf(Number(name.replace('app-', '')))
    const current = `"${version}"`
    if (etag === current) return { status: 304, age: 0, consistent: true }
    return { status: 200, app: appOf(name, version), etag: current, age: 0, consistent: true }
  }
  const contentOf = (url: string, body: string) => {
    if (!url.startsWith('/changes')) return { results: JSON.parse(body).apps.map(resultOf) }
    const since = Number(new URL(url, 'http://localhost').searchParams.get('since') ?? changes())
    const upTo = Math.min(changes(), since + 1_000)
    const told = Array.from({ length: upTo - since }, (_, i) => ({ id: `app-${(since + i) % apps}` }))
    return { changes: told, cursor: String(upTo), more: upTo < changes(), heartbeatAge: 0, age: 0 }
  }
  const server = createServer(async (request, response) => {
    const body = await text(request)
    const { url = '' } = request
    const isProbe = request.method === 'GET' && !url.startsWith('/changes')
    response.writeHead(isProbe ? 404 : 200, { 'content-type': 'application/json', age: '0' })
    response.end(JSON.stringify(isProbe ? { code: 'app-not-found', app: null } : contentOf(url, body)))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close() {
      server.close()
      server.closeAllConnections()
    },
  }
}
