import { describe, expect, it } from 'vitest'
import { type FeedSample, failures, type Measure, VARIANTS } from '../../bench/feed/feed-report.ts'

const GOOD: readonly (readonly [string, Measure, number])[] = [
  [VARIANTS.import, 'apps that were not told', 0],
  [VARIANTS.environment, 'reads a second', 1],
  [VARIANTS.quiet, 'lookups a second', 0],
  [VARIANTS.changing, 'lookups a second', 0],
]

describe('the bench of the change feed', () => {
  it('reports no failure for expected values', () => {
    expect(failures(samplesOf(0))).toEqual([])
  })

  it('reports a missing app, a lookup of a followed app, and more than one read per second', () => {
    expect(failures(samplesOf(0.5))).toHaveLength(GOOD.length)
  })
})

const samplesOf = (more: number): FeedSample[] =>
  GOOD.map(([variant, measure, value]) => ({ variant, measure, round: 1, value: value + more }))
