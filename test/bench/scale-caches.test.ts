import { describe, expect, it } from 'vitest'
import {
  atLeast,
  effectiveTtl,
  meanAge,
  periodicReads,
  refreshesBetween,
  stayTime,
  ttlReads,
} from '../../bench/scale/caches.ts'

describe('reads behind a cache', () => {
  it('are as many as the lookups without a TTL, and at most one in a TTL', () => {
    expect(ttlReads(5, 0)).toBe(5)
    expect(ttlReads(5, 10)).toBeCloseTo(5 / 51)
    expect(ttlReads(1e9, 10)).toBeCloseTo(0.1)
  })

  it('are none of a source that never asks', () => {
    expect(ttlReads(0, 10)).toBe(0)
    expect(periodicReads(0, 60, 10)).toBe(0)
    expect(periodicReads(3, Number.POSITIVE_INFINITY, 10)).toBe(0)
  })

  it('are as many as the requests of one source that is slower than the TTL', () => {
    expect(periodicReads(1, 60, 10)).toBeCloseTo(1 / 60)
  })

  it('of many sources out of step are those of a Poisson process', () => {
    expect(periodicReads(10_000, 60, 10)).toBeCloseTo(ttlReads(10_000 / 60, 10), 3)
  })

  it('of two sources wait for whichever comes first after the TTL', () => {
    // The own period ends after 50 s; the other's next time is anywhere in 60 s: 50 - 50 ** 2 / 120 s on average.
    expect(periodicReads(2, 60, 10)).toBeCloseTo(1 / (10 + 50 - 50 ** 2 / 120))
  })
})

describe('the age of answers', () => {
  it('is half a TTL when nearly all come from the cache, and 0 when none does', () => {
    expect(meanAge(1e6, ttlReads(1e6, 10), 10)).toBeCloseTo(5)
    expect(meanAge(2, 2, 10)).toBe(0)
    expect(meanAge(0, 0, 10)).toBe(0)
  })
})

describe('refreshes between two re-checks', () => {
  it('are none when nothing gets old enough', () => {
    expect(refreshesBetween(100, 60, 150, 150)).toBe(0)
    expect(refreshesBetween(0, 60, 15, 15)).toBe(0)
  })

  it('come after every hold when lookups are frequent', () => {
    expect(refreshesBetween(1_000, 60, 15, 20)).toBeCloseTo(3, 2)
  })

  it('are as likely as a lookup after the first hold when only one is possible', () => {
    expect(refreshesBetween(0.01, 60, 40, 30)).toBeCloseTo(1 - Math.exp(-0.01 * 20), 6)
  })

  it('go on smoothly to entries that are hardly kept at all', () => {
    expect(refreshesBetween(10, 60, 0, 0)).toBeCloseTo(600)
    expect(refreshesBetween(1, 60, 0, 0)).toBeCloseTo(60, 0)
  })
})

describe('a Poisson variable', () => {
  it('is at least 0 for certain, and more with its tail', () => {
    expect(atLeast(0, 3)).toBe(1)
    expect(atLeast(1, 3)).toBeCloseTo(1 - Math.exp(-3))
    expect(atLeast(2, 0.5)).toBeCloseTo(1 - 1.5 * Math.exp(-0.5))
    expect(atLeast(600, 1_000)).toBe(1)
    expect(atLeast(2_000, 1_000)).toBe(0)
  })
})

describe('a bounded cache', () => {
  it('keeps everything that fits', () => {
    expect(stayTime([{ count: 10, rate: 1 }], 10)).toBe(Number.POSITIVE_INFINITY)
    expect(effectiveTtl(1, 30, Number.POSITIVE_INFINITY)).toBe(30)
  })

  it('keeps an entry for one and a half times the time in which it is filled', () => {
    // Of 100 keys asked for once a second each, half are used within ln 2 s.
    expect(stayTime([{ count: 100, rate: 1 }], 50)).toBeCloseTo(1.5 * Math.LN2)
  })

  it('shortens the TTL of what is asked for too seldom to stay', () => {
    expect(effectiveTtl(0.1, 30, 1)).toBeCloseTo((Math.exp(0.1) - 1) / 0.1)
    expect(effectiveTtl(10, 30, 1)).toBe(30)
  })
})
