import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import {
  endpointDollars,
  ownDriverDollars,
  type Settings,
  type Traffic,
  trafficOf,
} from '../../bench/scale/cost-model.ts'
import { curves, results, SETTINGS } from '../../bench/scale/cost-report.ts'
import { DEFAULT_LOAD, type Load, zipf } from '../../bench/scale/load.ts'
import { plot } from '../../bench/scale/plot.ts'
import { dollarsPerMonth } from '../../bench/scale/prices.ts'
import { countTraffic } from './count-traffic.ts'

const PER_MONTH = 1 / (730 * 3600)
const NOTHING = { requests: 0, functionSeconds: 0, readUnits: 0, logBytes: 0 }

describe('the cost model', () => {
  it.each([1, 10, 99, 1_000, 1_000_000])('distributes all lookups over %i apps', (apps) => {
    const groups = zipf(apps)
    expect(groups.reduce((sum, { count }) => sum + count, 0)).toBe(apps)
    expect(groups.reduce((sum, { count, share }) => sum + count * share, 0)).toBeCloseTo(1)
  })

  it.each([
    ['a million requests', { requests: 1e6 }, 1.2],
    ['400 million requests, the last 100 of them cheaper', { requests: 400e6 }, 300 + 90 + 80],
    ['a million seconds of functions at 512 MB', { functionSeconds: 1e6 }, 6.6667],
    ['a million read units', { readUnits: 1e6 }, 0.125],
    ['a gigabyte of logs', { logBytes: 1e9 }, 0.5],
  ])('has the list price of %s', (_title, usage, dollars) => {
    const [[name, amount] = ['', 0]] = Object.entries(usage)
    expect(dollarsPerMonth({ ...NOTHING, [name]: amount * PER_MONTH })).toBeCloseTo(dollars, 3)
  })

  it("finds the endpoint cheaper than soketi's own driver above the break-even, and more expensive below", () => {
    for (const { title, points } of curves())
      for (const { apps, lookupsPerSecond = Number.NaN } of points) {
        const ratioAt = (factor: number) => {
          const load = { ...DEFAULT_LOAD, apps, lookupsPerSecond: factor * lookupsPerSecond }
          return endpointDollars(load, SETTINGS[title as keyof typeof SETTINGS]) / ownDriverDollars(load)
        }
        expect(ratioAt(0.95)).toBeGreaterThan(1)
        expect(ratioAt(1.05)).toBeLessThan(1)
      }
  })

  // Ten percent, and three standard deviations of what was counted.
  it.each<[string, keyof typeof SETTINGS, Partial<Load>]>([
    ['few apps that are followed', 'feed, 15 min', { apps: 10, lookupsPerSecond: 5 }],
    ['many apps that are followed', 'feed, 15 min', { apps: 1_000, lookupsPerSecond: 20 }],
    ['many changes', 'feed, 15 min', { apps: 1_000, lookupsPerSecond: 5, changesPerHour: 1_000 }],
    ['few apps with TTLs', 'TTLs 30 / 5 s', { apps: 10, lookupsPerSecond: 5 }],
    ['many apps with TTLs', 'TTLs 30 / 5 s', { apps: 1_000, lookupsPerSecond: 20 }],
    ['more apps than batches can hold', 'TTLs 30 / 5 s', { apps: 3_000, lookupsPerSecond: 25 }],
  ])("agrees with the adapter's real lookup on %s", async (_title, name, change) => {
    const load = { ...DEFAULT_LOAD, nodes: 1, changesPerHour: 0, ...change }
    const settings: Settings = SETTINGS[name]
    const { counted, seconds } = await countTraffic(load, settings)
    const modelled = trafficOf(load, settings)
    const differing = (Object.keys(modelled) as (keyof Traffic)[]).filter(
      (kind) =>
        Math.abs(counted[kind] - modelled[kind]) >
        0.1 * modelled[kind] + 3 * Math.sqrt(Math.max(1 / seconds, modelled[kind]) / seconds),
    )
    expect(differing, JSON.stringify({ counted, modelled })).toEqual([])
  })

  it('computes the figures of the committed RESULTS.md', async () => {
    const all = curves()
    const read = (name: string) => readFile(new URL(`../../bench/scale/${name}`, import.meta.url), 'utf8')
    expect(await read('RESULTS.md')).toBe(results(all))
    expect(await read('break-even.svg')).toBe(plot(all))
  })
})
