import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { effectiveTtl, stayTime, ttlReads } from '../../bench/scale/caches.ts'
import { simulateEndpoint } from '../../bench/scale/endpoint.ts'
import { DEFAULTS, type Load, sumOver, zipf } from '../../bench/scale/load.ts'
import { createCache } from '../../functions/cache.ts'
import { createRandom, runTrace } from './scale-trace.ts'

beforeEach(() => vi.useFakeTimers({ toFake: ['Date'], now: Date.UTC(2026, 0, 1) }))
afterEach(() => vi.useRealTimers())

const SMALL: Load = { ...DEFAULTS, nodes: 4, lookupsPerSecond: 5, apps: 50, missShare: 0.05 }

/** The simulation's and the real caches' count, within 10 % of each other. */
const expectNear = (simulated: number, real: number) => {
  expect(simulated).toBeGreaterThan(real * 0.9)
  expect(simulated).toBeLessThan(real * 1.1)
}

describe('the simulation agrees with the real caches within 10 %', () => {
  it.each<[string, Partial<Load>]>([
    ['with the settings as they are', {}],
    ['without re-checks', { rechecks: false }],
    ['with long TTLs', { appTtl: 300, missTtl: 60, functionTtl: 60 }],
    ['with long TTLs, without re-checks', { appTtl: 300, missTtl: 60, functionTtl: 60, rechecks: false }],
    ['with one node', { nodes: 1 }],
    ['with many nodes that ask for few apps', { nodes: 20, apps: 10, lookupsPerSecond: 2 }],
    ['with apps that are all alike', { zipfExponent: 0, apps: 100 }],
    ['with few open sockets', { socketsPerLookup: 4 }],
  ])('%s', { timeout: 120_000 }, async (_title, change) => {
    const load = { ...SMALL, ...change }
    const simulated = simulateEndpoint(load)
    const real = await runTrace(load, 600, 12_000)
    expect(simulated.environments).toBe(3)
    expectNear(simulated.lookups.requestsPerSecond, real.lookups)
    expectNear(simulated.lookups.readsPerSecond, real.lookupReads)
    if (!load.rechecks) return
    expectNear(simulated.rechecks.requestsPerSecond, real.rechecks)
    expectNear(simulated.rechecks.readsPerSecond, real.recheckReads)
  })
})

describe('a cache of the functions that is too small', () => {
  it.each([50, 200, 800])('reads as often as the simulation says, with room for %i', async (room) => {
    const groups = zipf(2_000, 1)
    const [perSecond, ttl] = [200, 10]
    const demands = groups.map(({ count, share }) => ({ count, rate: perSecond * share }))
    const stay = stayTime(demands, room)
    const simulated = sumOver(groups, ({ share }) => {
      const rate = perSecond * share
      return ttlReads(rate, effectiveTtl(rate, ttl, stay))
    })

    const cache = createCache<string>({ ttlMs: ttl * 1000, negativeTtlMs: 0, maxEntries: room })
    const random = createRandom(2)
    const names = groups.flatMap(({ count, share }) => Array<number>(count).fill(share))
    const ends: number[] = []
    for (const share of names) ends.push((ends.at(-1) ?? 0) + share)
    const startedAt = Date.now()
    const [warmUp, seconds] = [50, 200]
    let reads = 0
    for (let at = 0; at < warmUp + seconds; at += -Math.log(1 - random()) / perSecond) {
      vi.setSystemTime(startedAt + at * 1000)
      const place = random()
      const name = String(ends.findIndex((end) => place < end))
      const { readMs } = await cache(name, async () => name)
      if (at > warmUp && readMs !== undefined) reads += 1
    }
    expectNear(simulated, reads / seconds)
  })
})
