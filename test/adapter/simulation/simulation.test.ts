import { expect, it } from 'vitest'
import { createAppLookup } from '../../../adapter/lookup/lookup.ts'
import { simulate } from './simulate.ts'

/** `npm run simulate` runs more. */
const SEEDS = 40

it(`meets every guarantee for ${SEEDS} seeds of faults`, async () => {
  const broken: string[] = []
  for (let seed = 1; seed <= SEEDS; seed += 1) {
    const { violations } = await simulate(seed, { createAppLookup })
    if (violations.length > 0) broken.push(`seed ${seed}: ${violations[0]}`)
  }
  expect(broken).toEqual([])
})

it('runs the same each time for the same seed', async () => {
  expect(await simulate(7, { createAppLookup })).toEqual(await simulate(7, { createAppLookup }))
})
