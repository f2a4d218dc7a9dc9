import { describe, expect, it } from 'vitest'
import { growthOf } from '../../bench/load/growth.ts'

const noise = (index: number) => 2 * Math.sin(7919 * index)
const series = (value: (index: number) => number) => Array.from({ length: 40 }, (_, index) => value(index))

describe('the growth of memory', () => {
  it('is that between the first quarter and the end of a series that grows', () => {
    expect(growthOf(series((index) => 100 + index))).toBe(25)
    expect(growthOf(series((index) => 100 + index + noise(index)))).toBeGreaterThan(20)
  })

  it('is next to nothing in a noisy series that stays', () => {
    expect(Math.abs(growthOf(series((index) => 100 + noise(index))))).toBeLessThan(2)
  })

  it('leaves out the warm-up, a peak in between and one sample', () => {
    expect(growthOf(series((index) => Math.min(100, 10 * index)))).toBe(0)
    expect(growthOf(series((index) => (index > 15 && index < 30 ? 200 : 100)))).toBe(0)
    expect(growthOf(series((index) => (index === 39 ? 200 : 100)))).toBe(0)
  })
})
