import fc from 'fast-check'
import { expect, it } from 'vitest'
import { type AppRecord, createRecord } from '../../adapter/lookup/cache/record.ts'
import { createSchedule, RANKS } from '../../adapter/lookup/refresh/schedule.ts'

const nth = fc.nat(9)
const step = fc.oneof(
  fc.record({
    op: fc.constant('plan' as const),
    nth,
    at: fc.oneof(fc.nat(20), fc.constant(Number.POSITIVE_INFINITY)),
  }),
  fc.record({ op: fc.constant('makeDue' as const), nth, rank: fc.constantFrom(...Object.values(RANKS)) }),
  fc.record({ op: fc.constant('remove' as const), nth }),
  fc.record({ op: fc.constant('takeNext' as const), until: fc.nat(20) }),
)

it('the schedule returns apps in the order of their times, whatever was planned before', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60, size: 'max' }), (steps) => {
      const schedule = createSchedule()
      const records = Array.from({ length: 10 }, (_, i) => createRecord(`app-${i}`))
      const planned = new Map<AppRecord, number>()
      const due = new Map<AppRecord, number>()
      for (const each of steps) {
        if (each.op === 'takeNext') {
          const taken = schedule.takeNext(each.until)
          const first = Math.min(...planned.values())
          if (taken === undefined) expect(first).toBeGreaterThan(each.until)
          else expect(planned.get(taken)).toBe(first)
          if (taken) planned.delete(taken)
          continue
        }
        const record = records[each.nth] as AppRecord
        planned.delete(record)
        due.delete(record)
        if (each.op === 'remove') schedule.remove(record)
        if (each.op === 'plan') {
          schedule.plan(record, each.at)
          if (each.at < Number.POSITIVE_INFINITY) planned.set(record, each.at)
        }
        if (each.op === 'makeDue') {
          schedule.makeDue(record, 0, each.rank)
          due.set(record, each.rank)
        }
        expect(schedule.nextAt).toBe(Math.min(...planned.values(), Number.POSITIVE_INFINITY))
        expect(schedule.length).toBe(due.size)
        for (const [one, rank] of due) expect(schedule.due(rank as 0).has(one)).toBe(true)
      }
    }),
  )
})
