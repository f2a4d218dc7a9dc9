import { expect, it } from 'vitest'
import { createAppLookup } from '../../../adapter/lookup/lookup.ts'
import { BROKEN_RULES, breakRule } from './broken-rules.ts'
import { play, SCHEDULE_NAMES } from './schedules.ts'
import { simulate } from './simulate.ts'

const SEEDS = 80

it.each(BROKEN_RULES)('the simulation detects that this rule is broken: $rule', async (broken) => {
  const subject = breakRule(broken)
  if (broken.foundBy !== 'seeds') return expect(await play(broken.foundBy, subject)).not.toEqual([])
  for (let seed = 1; seed <= SEEDS; seed += 1)
    if ((await simulate(seed, subject)).violations.length > 0) return
  expect.fail(`not in ${SEEDS} seeds`)
})

it.each(SCHEDULE_NAMES)('the simulation meets every guarantee in %s', async (schedule) => {
  expect(await play(schedule, { createAppLookup })).toEqual([])
})
