import { setTimeout as sleep } from 'node:timers/promises'
import { backend } from '../../harness/clients.ts'
import { ANY_NODE } from '../../harness/nodes.ts'
import { type Soketi, startSoketi } from '../../harness/soketi-process.ts'
import { waitUntilAllFollowed } from '../../harness/start-following.ts'
import { sendAtRate } from '../at-rate.ts'
import { cpuMsOf } from '../cpu.ts'
import { type Environment, hasAdapter } from '../drivers.ts'
import type { Requests } from '../local-stack-process.ts'

/** Starts a soketi that gets its apps from this endpoint. */
export function startNode(env: Environment): Promise<Soketi> {
  return startSoketi({
    node: ANY_NODE,
    env: { SOKETI_METRICS_ENABLED: '1', ...env },
    preload: hasAdapter(env),
  })
}

// Less than the adapter's limit on unknown names.
const FIRST_LOOKUPS_PER_SECOND = 40

/** Looks every app up once, and waits until the node follows them all. */
export async function followAll(soketi: Soketi, ids: readonly string[]): Promise<void> {
  const [rate, seconds] = [FIRST_LOOKUPS_PER_SECOND, ids.length / FIRST_LOOKUPS_PER_SECOND]
  await sendAtRate(rate, seconds, (_, number) => publish(soketi.port, ids[number] ?? ''))
  await waitUntilAllFollowed(soketi)
}

/** Requests to the endpoint per second. */
export type RequestRates = Readonly<Record<`${keyof Requests} a second`, number>>

/** Counts the requests of a node to the endpoint under this load. */
export async function countRequests(
  requests: () => Promise<Readonly<Requests>>,
  seconds: number,
  load: () => Promise<unknown>,
): Promise<RequestRates> {
  const before = await requests()
  await load()
  const after = await requests()
  const rate = (kind: keyof Requests) => (after[kind] - before[kind]) / seconds
  return {
    'polls a second': rate('polls'),
    'batches a second': rate('batches'),
    'lookups a second': rate('lookups'),
  }
}

/** Publishes to random apps, each of which is a lookup by id. */
export async function publishAtRate(
  { port }: Soketi,
  ids: readonly string[],
  lookupsPerSecond: number,
  seconds: number,
): Promise<void> {
  const randomId = () => ids[Math.floor(ids.length * Math.random())] ?? ''
  await sendAtRate(lookupsPerSecond, seconds, () => publish(port, randomId()))
}

/** The processor time of idle soketis, in percent of a core, measured side by side. */
export async function measureIdleCpu(soketis: readonly Soketi[], seconds: number): Promise<number[]> {
  const used = () => soketis.map(({ process: { pid } }) => cpuMsOf(Number(pid)))
  const [before, startedAt] = [used(), performance.now()]
  await sleep(1000 * seconds)
  const elapsedMs = performance.now() - startedAt
  return used().map((ms, index) => (100 * (ms - (before[index] ?? Number.NaN))) / elapsedMs)
}

async function publish(port: number, id: string): Promise<void> {
  await backend(port, id).trigger('news', 'headline', { text: 'hello' })
}
