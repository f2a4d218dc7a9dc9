import { expect, it } from 'vitest'
import { createAppLookup } from '../../../adapter/lookup/lookup.ts'
import { BLOCKED_SHARD, FAULTS } from './faults.ts'
import { simulate } from './simulate.ts'

/** Enough for each fault. `npm run simulate` runs more. */
const SEEDS = 20

it(`meets every guarantee for ${SEEDS} seeds, in which each fault occurs`, async () => {
  const broken: string[] = []
  const faults = new Set<string>()
  for (let seed = 1; seed <= SEEDS; seed += 1) {
    const report = await simulate(seed, { createAppLookup })
    for (const name of report.faults) faults.add(name)
    if (report.violations.length > 0) broken.push(`seed ${seed}: ${report.violations[0]}`)
  }
  expect(broken).toEqual([])
  expect(faults).toEqual(new Set([...FAULTS, BLOCKED_SHARD].map(({ name }) => name)))
})

it('runs the same each time for the same seed', async () => {
  expect(await simulate(7, { createAppLookup })).toEqual(await simulate(7, { createAppLookup }))
})
