import { createRequire } from 'node:module'
import { serveParent } from '../child-process.ts'

/** What a node with many apps costs, and how long it takes to read apps that change. */
export type ManyAppsMeasure = 'a look, ms' | 'a scrape, ms' | 'heap, MB' | 'longest wait, s'

const CHANGES_PER_SECOND = 500

type Request = { readonly path: string; readonly kind: string; readonly body?: string }
type Lookup = {
  findById(id: string): Promise<unknown>
  keepCurrent?(users: { ids(): Iterable<string>; changed(): void }): void
  setLive?(id: string, isLive: boolean): void
  stats(): unknown
}
type Collected = { reset(): void; inc(): void; labels(): Collected }
type Metric = { collect(this: Collected): void }

const CHANGES = 100
/** Enough that all take much longer than a tick of the processor's clock, which is 4 ms on Linux. */
const LOOKS = 200
const LOADED_AT_ONCE = 500

const [bundle = '', measure = '', count = ''] = process.argv.slice(2)
const apps = Number(count)
const { createAppLookup, registerMetrics } = createRequire(import.meta.url)(bundle)

/** A clock that stands still until it is told, so that only the work of the node takes time. */
const timers = new Map<object, { readonly at: number; readonly call: () => void }>()
let now = 1e9
const after = (ms: number, call: () => void) => {
  const timer = {}
  timers.set(timer, { at: now + Math.max(1, ms), call })
  return { cancel: () => void timers.delete(timer) }
}
const settled = () => new Promise((resolve) => setImmediate(resolve))
async function pass(ms: number): Promise<void> {
  const until = now + ms
  for (;;) {
    await settled()
    const due = [...timers].filter(([, { at }]) => at <= until).sort(([, a], [, b]) => a.at - b.at)[0]
    if (!due) break
    timers.delete(due[0])
    now = Math.max(now, due[1].at)
    due[1].call()
  }
  now = until
}

/** Apps of a table that change when they are told to, and when those changed that were not read since. */
let hints: readonly { readonly id: string }[] = []
const changedAt = new Map<string, number>()
let longestWaitMs = 0
const appOf = (id: string) => ({
  id,
  key: `key-of-${id}`,
  secret: `secret-of-${id}`,
  enabled: true,
  maxConnections: 100,
})
function contentOf({ path, kind, body }: Request): unknown {
  if (kind === 'probe') return { code: 'app-not-found', app: null }
  if (kind === 'poll') {
    const changes = hints
    hints = []
    return { changes, cursor: `at-${now}`, more: false, heartbeatAge: 0, age: 0 }
  }
  if (kind === 'lookup') return { app: appOf(path.replace('/apps/', '')) }
  const items: { readonly id: string; readonly etag?: string }[] = JSON.parse(body ?? '').apps
  for (const { id } of items) {
    longestWaitMs = Math.max(longestWaitMs, now - (changedAt.get(id) ?? now))
    changedAt.delete(id)
  }
  return { results: items.map(() => ({ status: 304, age: 0, consistent: true })) }
}
const endpoint = {
  origin: 'https://lookup.example.com',
  exchange: async (request: Request) => {
    const body = JSON.stringify(contentOf(request))
    return { status: request.kind === 'probe' ? 404 : 200, headers: { age: '0', etag: '"1"' }, body }
  },
  close: () => {},
}

const lookup: Lookup = createAppLookup({
  url: endpoint.origin,
  token: 'made-up-token',
  clock: () => now,
  feedPollIntervalMs: 1_000,
  unknownLookupsPerSecond: 1e6,
  maxCachedApps: 2 * apps,
  ports: { timers: { after, inBackground: after }, createEndpoint: () => endpoint },
})
const ids = Array.from({ length: apps }, (_, i) => `app-${i}`)
for (let i = 0; i < apps; i += LOADED_AT_ONCE) {
  await Promise.all(ids.slice(i, i + LOADED_AT_ONCE).map((id) => lookup.findById(id)))
}
if (lookup.setLive) for (const id of ids) lookup.setLive(id, true)
else lookup.keepCurrent?.({ ids: () => ids, changed: () => {} })
// Until all apps have been read consistently, and are followed.
await pass(1_200 * (apps / 100) + 10_000)

/** The processor time of one second in which 100 live apps are due. */
async function measureLook(): Promise<number> {
  const startedAt = process.cpuUsage()
  for (let look = 0; look < LOOKS; look += 1) {
    const first = (look * CHANGES) % apps
    hints = ids.slice(first, first + CHANGES).map((id) => ({ id }))
    await pass(1_100)
  }
  const { user, system } = process.cpuUsage(startedAt)
  return (user + system) / 1_000 / LOOKS
}

/** How long an app waits until it is read, at most, while each changes once, in virtual time. */
async function measureWait(): Promise<number> {
  for (let i = 0; i < apps; i += CHANGES_PER_SECOND) {
    const changed = ids.slice(i, i + CHANGES_PER_SECOND).map((id) => ({ id }))
    for (const { id } of changed) changedAt.set(id, now)
    hints = [...hints, ...changed]
    await pass(1_000)
  }
  return Math.max(longestWaitMs, ...[...changedAt.values()].map((at) => now - at)) / 1_000
}

/** The processor time of the adapter's collectors. */
async function measureScrape(): Promise<number> {
  const metrics: Metric[] = []
  class Collector {
    constructor(options: Metric) {
      metrics.push(options)
    }
  }
  const options = { metrics: { enabled: true, prometheus: { prefix: 'soketi_' } }, port: 6001 }
  const server = { metricsManager: { driver: { register: {} } }, options }
  registerMetrics(
    server,
    { lookup, rejected: {}, waitingRoom: { size: 0 }, signatures: { previous: {} } },
    () => ({
      Counter: Collector,
      Gauge: Collector,
    }),
  )
  const collected: Collected = { reset: () => {}, inc: () => {}, labels: () => collected }
  const startedAt = process.cpuUsage()
  for (let scrape = 0; scrape < LOOKS; scrape += 1) {
    for (const metric of metrics) metric.collect.call(collected)
    await settled()
  }
  const { user, system } = process.cpuUsage(startedAt)
  return (user + system) / 1_000 / LOOKS
}

function measureHeap(): number {
  globalThis.gc?.()
  return process.memoryUsage().heapUsed / 1e6
}

const MEASURES: Readonly<Record<string, () => number | Promise<number>>> = {
  'heap, MB': measureHeap,
  'a scrape, ms': measureScrape,
  'a look, ms': measureLook,
  'longest wait, s': measureWait,
} satisfies Record<ManyAppsMeasure, () => number | Promise<number>>
const found = await MEASURES[measure]?.()
if (process.send) serveParent(found, () => undefined)
else console.log(found)
