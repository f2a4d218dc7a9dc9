import { expect, it } from 'vitest'
import { createAppLookup } from '../../../adapter/lookup/lookup.ts'
import { mutate } from './mutate.ts'
import { MUTATIONS, type Mutation } from './mutations.ts'
import { play, SCHEDULE_NAMES } from './schedules.ts'
import { simulate } from './simulate.ts'
import type { Subject } from './simulated-node.ts'

const SEEDS = 80

it.each(MUTATIONS)('the simulation detects that this rule is broken: $rule', async (mutation) => {
  expect(await violationsOf(mutation, await mutate(mutation))).not.toEqual([])
})

it.each(SCHEDULE_NAMES)('the simulation meets every guarantee in %s', async (schedule) => {
  expect(await play(schedule, { createAppLookup })).toEqual([])
})

async function violationsOf({ foundBy }: Mutation, subject: Subject): Promise<readonly string[]> {
  if (foundBy !== 'seeds') return play(foundBy, subject)
  for (let seed = 1; seed <= SEEDS; seed += 1) {
    const { violations } = await simulate(seed, subject)
    if (violations.length > 0) return violations
  }
  return []
}
