import { describe, expect, it } from 'vitest'
import { simulateDriver } from '../../bench/scale/driver.ts'
import { simulateEndpoint } from '../../bench/scale/endpoint.ts'
import { useFunction } from '../../bench/scale/functions.ts'
import { DEFAULTS, type Load, sumOver, zipf } from '../../bench/scale/load.ts'
import { dollarsPerMonth, SECONDS_PER_MONTH } from '../../bench/scale/prices.ts'
import { simulateStorm } from '../../bench/scale/storm.ts'

const loadWith = (change: Partial<Load>): Load => ({ ...DEFAULTS, ...change })

describe('the load', () => {
  it.each([1, 10, 99, 1_000, 1_000_000])('of %i apps is shared out in full', (apps) => {
    const groups = zipf(apps, 1)
    expect(sumOver(groups, () => 1)).toBe(apps)
    expect(sumOver(groups, ({ share }) => share)).toBeCloseTo(1)
  })

  it("follows Zipf's law", () => {
    const [first, second] = zipf(1_000, 1)
    expect((first?.share ?? 0) / (second?.share ?? 1)).toBeCloseTo(2)
    expect(zipf(10, 0).every(({ share }) => share === 0.1)).toBe(true)
  })
})

describe('the bill', () => {
  const nothing = { requestsPerSecond: 0, gbSecondsPerSecond: 0, readsPerSecond: 0, logBytesPerSecond: 0 }

  it('has a million reads for 6.25 cents', () => {
    expect(dollarsPerMonth({ ...nothing, readsPerSecond: 1e6 / SECONDS_PER_MONTH }, 1)).toBeCloseTo(0.0625)
  })

  it('has a million requests for $1.20, and for less beyond 300 million in a region', () => {
    const requests = (millions: number, regions = 1) =>
      dollarsPerMonth({ ...nothing, requestsPerSecond: (millions * 1e6) / SECONDS_PER_MONTH }, regions)
    expect(requests(1)).toBeCloseTo(1.2)
    expect(requests(400)).toBeCloseTo(300 + 90 + 80)
    expect(requests(400, 2)).toBeCloseTo(480)
  })

  it('has processor time and logs', () => {
    expect(dollarsPerMonth({ ...nothing, gbSecondsPerSecond: 1 / SECONDS_PER_MONTH }, 1)).toBeCloseTo(
      1.33334e-5,
      9,
    )
    expect(dollarsPerMonth({ ...nothing, logBytesPerSecond: 1e9 / SECONDS_PER_MONTH }, 1)).toBeCloseTo(0.5)
  })
})

describe('a function', () => {
  it('has one environment for little traffic, and reads once in a TTL', () => {
    const use = useFunction([{ count: 1, sources: 1_000, period: 1_000 }], DEFAULTS, 1)
    expect(use.environments).toBe(1)
    expect(use.readsPerSecond).toBeCloseTo(1 / 11, 3)
  })

  it('has more environments for more traffic, and each reads for itself', () => {
    const use = useFunction([{ count: 1, sources: 1e6, period: 100 }], DEFAULTS, 1)
    expect(use.environments).toBeGreaterThan(use.concurrency)
    expect(use.readsPerSecond).toBeCloseTo(use.environments / 10, 0)
  })
})

describe('the endpoint', () => {
  it('is asked for next to nothing but re-checks when those keep every app fresh', () => {
    const { lookups, rechecks } = simulateEndpoint(
      loadWith({ appTtl: 300, missShare: 0, socketsPerLookup: 10_000 }),
    )
    expect(lookups.requestsPerSecond).toBeLessThan(rechecks.requestsPerSecond / 100)
    expect(rechecks.requestsPerSecond).toBeCloseTo((100 * 10) / 69, 3)
  })

  it('is asked as much by two halves of the nodes in two regions, and the table more', () => {
    const one = simulateEndpoint(DEFAULTS)
    const two = simulateEndpoint(loadWith({ regions: 2 }))
    expect(two.total.requestsPerSecond / one.total.requestsPerSecond).toBeCloseTo(1, 1)
    expect(two.total.readsPerSecond).toBeGreaterThan(one.total.readsPerSecond)
  })

  it('is asked less with a longer TTL', () => {
    const requests = [10, 30, 100, 300].map(
      (appTtl) => simulateEndpoint(loadWith({ appTtl })).total.requestsPerSecond,
    )
    expect(requests).toEqual(requests.toSorted((a, b) => b - a))
  })

  it('adds the lookups and the re-checks up', () => {
    const { lookups, rechecks, total } = simulateEndpoint(DEFAULTS)
    expect(total.readsPerSecond).toBeCloseTo(lookups.readsPerSecond + rechecks.readsPerSecond)
    expect(total.requestsPerSecond).toBeCloseTo(lookups.requestsPerSecond + rechecks.requestsPerSecond)
  })

  it('is as large as a node wants to be, up to 10,000 nodes and a million apps', () => {
    const { total, hottestShare } = simulateEndpoint(
      loadWith({ nodes: 10_000, apps: 1_000_000, appTtl: 300 }),
    )
    expect(total.dollarsPerMonth).toBeGreaterThan(0)
    expect(total.requestsPerSecond).toBeLessThan(10_000 * 60)
    expect(hottestShare).toBeLessThan(1)
  })
})

describe("soketi's own driver", () => {
  it('reads once for each lookup', () => {
    expect(simulateDriver(DEFAULTS).readsPerSecond).toBeCloseTo(5_000)
  })

  it('reads less with its cache, but never less than the lookups of what does not exist', () => {
    const { readsPerSecond } = simulateDriver(DEFAULTS, 300)
    expect(readsPerSecond).toBeLessThan(1_000)
    expect(simulateDriver(DEFAULTS, 1e9).readsPerSecond).toBeCloseTo(50, 1)
  })

  it('asks too much of one partition at 10,000 nodes', () => {
    expect(simulateDriver(loadWith({ nodes: 10_000 })).hottestShare).toBeGreaterThan(1)
    expect(simulateEndpoint(loadWith({ nodes: 10_000 })).hottestShare).toBeLessThan(0.1)
  })
})

describe('a storm of connections', () => {
  it('is one request for each app of a node, at most 50 a second', () => {
    const { requestsPerSecond, seconds } = simulateStorm(loadWith({ socketsPerLookup: 1e6 }))
    expect(requestsPerSecond).toBeCloseTo(5_000)
    expect(seconds).toBeCloseTo(20)
  })

  it('is one read for each connection with the own driver', () => {
    const storm = simulateStorm(DEFAULTS)
    expect(storm.driverReadsPerSecond).toBe(100 * 50 * 200)
    expect(storm.driverHottestShare).toBeGreaterThan(20)
  })
})
