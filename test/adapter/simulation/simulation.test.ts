import { expect, it } from 'vitest'
import { createAppLookup } from '../../../adapter/lookup/lookup.ts'
import { simulate } from './simulate.ts'

const SEEDS_EACH = 60

it.each([1, 61, 121, 181, 241])('meets every guarantee for 60 seeds of faults from %i on', async (first) => {
  const broken: string[] = []
  for (let seed = first; seed < first + SEEDS_EACH; seed += 1) {
    const { violations } = await simulate(seed, { createAppLookup })
    if (violations.length > 0) broken.push(`seed ${seed}: ${violations[0]}`)
  }
  expect(broken).toEqual([])
})

it('runs the same each time for the same seed', async () => {
  expect(await simulate(7, { createAppLookup })).toEqual(await simulate(7, { createAppLookup }))
})
