import { describe, expect, it } from 'vitest'
import { createDeletions } from '../../adapter/lookup/cache/deletions.ts'
import { type AppRecord, createRecord } from '../../adapter/lookup/cache/record.ts'

/** It gets not-found results of eventually consistent reads by default, and finds another app before each. */
function create({ hasWitness = true } = {}) {
  const deletions = createDeletions({ confirmMs: 15_000, confirmConsistentMs: 5_000, guardMs: 300_000 })
  const records = new Map<string, AppRecord>()
  const recordOf = (id: string) => {
    const record = records.get(id) ?? createRecord(id)
    records.set(id, record)
    return record
  }
  return {
    missing: (id: string, readAt: number, known: number, consistent = false, arrivedAt = readAt) => {
      if (hasWitness) deletions.present(recordOf('witness'), readAt, true)
      return deletions.absent(recordOf(id), { readAt, arrivedAt, consistent }, known)
    },
    present: (id: string, readAt: number, isNearest = true) =>
      deletions.present(recordOf(id), readAt, isNearest),
  }
}
const names = (count: number) => Array.from({ length: count }, (_, i) => `app-${i}`)

describe('a known app that is not found', () => {
  it('is deleted after two responses an interval apart', () => {
    const { missing } = create()
    expect(missing('a', 0, 10)).toEqual({ gone: false, retryAt: 15_000 })
    expect(missing('a', 14_999, 10)).toEqual({ gone: false, retryAt: 15_000 })
    expect(missing('a', 15_000, 10).gone).toBe(true)
  })

  it('is deleted after two consistent responses five seconds apart', () => {
    const { missing } = create()
    expect(missing('a', 0, 10, true)).toEqual({ gone: false, retryAt: 5_000 })
    expect(missing('a', 4_999, 10, true).gone).toBe(false)
    expect(missing('a', 5_000, 10, true).gone).toBe(true)
  })

  it('counts the five seconds from the arrival of the first response', () => {
    const { missing } = create()
    expect(missing('a', 0, 10, true, 700)).toEqual({ gone: false, retryAt: 5_700 })
    expect(missing('a', 5_000, 10, true, 5_100).gone).toBe(false)
    expect(missing('a', 5_700, 10, true, 5_800).gone).toBe(true)
  })

  it('is not deleted after one consistent and one other response five seconds apart', () => {
    const { missing } = create()
    missing('a', 0, 10)
    expect(missing('a', 5_000, 10, true)).toEqual({ gone: false, retryAt: 10_000 })
    expect(missing('a', 9_000, 10)).toEqual({ gone: false, retryAt: 15_000 })
    expect(missing('a', 10_000, 10, true).gone).toBe(true)
  })

  it('starts again when it was found in between', () => {
    const { missing, present } = create()
    missing('a', 0, 10)
    present('a', 10_000)
    expect(missing('a', 20_000, 10).gone).toBe(false)
  })

  it('stays unconfirmed when the app that was found is older than the response', () => {
    const { missing, present } = create()
    missing('a', 10_000, 10)
    present('a', 9_000)
    expect(missing('a', 25_000, 10).gone).toBe(true)
  })

  it('is deleted after two responses however far apart, if it was not found in between', () => {
    const { missing } = create()
    missing('a', 0, 10)
    expect(missing('a', 1_000_000, 10).gone).toBe(true)
  })
})

describe('the only app that is read', () => {
  it('is deleted after five minutes: nothing shows that the table is the right one', () => {
    const { missing } = create({ hasWitness: false })
    for (let at = 0; at < 300_000; at += 30_000) expect(missing('a', at, 1).gone).toBe(false)
    expect(missing('a', 300_000, 1).gone).toBe(true)
  })

  it('is deleted as soon as another app was found by a read of the nearest region that began later', () => {
    const { missing, present } = create({ hasWitness: false })
    present('b', 0)
    missing('a', 0, 2)
    present('b', 10_000, false)
    expect(missing('a', 20_000, 2).gone).toBe(false)
    present('b', 20_001)
    expect(missing('a', 30_000, 2).gone).toBe(true)
  })
})

describe('a mass deletion', () => {
  const missAll = (missing: ReturnType<typeof create>['missing'], count: number, at: number, known: number) =>
    names(count).filter((name) => missing(name, at, known).gone)

  it('begins above a fifth of the known apps', () => {
    const { missing } = create()
    missAll(missing, 20, 0, 100)
    expect(missAll(missing, 20, 15_000, 100)).toHaveLength(20)
    const more = create()
    missAll(more.missing, 21, 0, 100)
    expect(missAll(more.missing, 21, 15_000, 100)[0]).toBeUndefined()
  })

  it('needs five apps', () => {
    const { missing } = create()
    missAll(missing, 4, 0, 4)
    expect(missAll(missing, 4, 15_000, 4)).toHaveLength(4)
  })

  it('removes no app before it has lasted five minutes', () => {
    const { missing } = create()
    for (let at = 0; at < 300_000; at += 60_000) expect(missAll(missing, 50, at, 50)).toEqual([])
    expect(missAll(missing, 50, 300_000, 50)).toHaveLength(50)
  })

  it('is detected when the apps disappear one after the other', () => {
    const { missing } = create()
    let known = 20
    const gone = names(20).filter((name, i) => {
      missing(name, i * 4_000, known)
      const verdict = missing(name, i * 4_000 + 15_000, known)
      if (verdict.gone) known -= 1
      return verdict.gone
    })
    expect(gone).toEqual(names(4))
  })

  it('ends, and counts from zero, when the apps are found again', () => {
    const { missing, present } = create()
    for (let at = 0; at < 300_000; at += 60_000) missAll(missing, 50, at, 50)
    for (const name of names(50)) present(name, 299_000)
    expect(missAll(missing, 50, 300_000, 50)).toEqual([])
    expect(missAll(missing, 50, 599_000, 50)).toEqual([])
  })
})
