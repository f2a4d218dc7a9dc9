import { expect, it } from 'vitest'
import { createAppLookup } from '../../../adapter/lookup/lookup.ts'
import { BROKEN_RULES, breakRule } from './broken-rules.ts'
import { play, SCHEDULE_NAMES } from './schedules.ts'
import { simulate } from './simulate.ts'

/** A change of the code can move what a seed meets, so that a later one detects it. */
const SEEDS = 80
const whole = { createAppLookup }

it.each(BROKEN_RULES)('the simulation detects that this rule is broken: $rule', async (broken) => {
  const subject = breakRule(broken)
  const { foundBy } = broken
  if (typeof foundBy === 'string') return expect(await play(foundBy, subject)).not.toEqual([])
  for (let seed = foundBy; seed < foundBy + SEEDS; seed += 1)
    if ((await simulate(seed, subject)).violations.length > 0)
      return expect((await simulate(seed, whole)).violations).toEqual([])
  expect.fail(`not in ${SEEDS} seeds`)
})

it.each(SCHEDULE_NAMES)('the simulation meets every guarantee in %s', async (schedule) => {
  expect(await play(schedule, whole)).toEqual([])
})
