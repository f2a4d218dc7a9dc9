import { describe, expect, it } from 'vitest'
import { type AppRecord, createRecord, taskOf } from '../../adapter/lookup/cache/record.ts'
import type { Cursor } from '../../adapter/lookup/feed/cursor.ts'
import { dueAt } from '../../adapter/lookup/refresh/due.ts'
import { appWith } from './endpoint-double.ts'
import { cursorUntil } from './test-cache.ts'

const times = { appTtlMs: 30_000, followedMaxMs: 900_000, revalidateIntervalMs: 60_000, seed: 0 }
const NOW = 1_000_000
const recordWith = (fields: Partial<AppRecord> = {}): AppRecord => ({
  ...createRecord('app-1'),
  app: appWith(),
  readAt: NOW,
  usedAtS: NOW / 1000,
  ...fields,
})
const due = (record: AppRecord, { followed = undefined as Cursor | undefined, now = NOW } = {}) =>
  dueAt(record, followed, now, times)
/** When records with many ids are due, which is spread by their ids. */
const dueOfMany = (fields: Partial<AppRecord>) =>
  Array.from({ length: 1_000 }, (_, i) => due({ ...recordWith(fields), id: `app-${i}` }))

describe('while changes are followed, an app is due', () => {
  const cursor = cursorUntil(NOW + 30_000)

  it('at once if it is not followed, or is followed by another cursor', () => {
    expect(due(recordWith(), { followed: cursor })).toBeLessThanOrEqual(NOW)
    const other = { followed: { cursor: cursorUntil(NOW + 30_000), until: NOW + 900_000 } }
    expect(due(recordWith(other), { followed: cursor })).toBeLessThanOrEqual(NOW)
  })

  it('between 85 % and 95 % of its time if it is followed, whether or not it is looked up', () => {
    const dueWith = (jitter: number) => {
      const ofNode = { ...cursor, jitter }
      return due(recordWith({ followed: { cursor: ofNode, until: NOW + 900_000 }, usedAtS: 0 }), {
        followed: ofNode,
      })
    }
    expect(dueWith(0)).toBe(NOW + 855_000)
    expect(dueWith(1)).toBe(NOW + 765_000)
  })
})

describe('while changes are not followed, an app is due', () => {
  const expectSpread = (all: readonly number[], from: number, to: number) => {
    const tenth = (to - from) / 10
    expect(Math.min(...all)).toBeGreaterThanOrEqual(from)
    expect(Math.min(...all)).toBeLessThan(from + tenth)
    expect(Math.max(...all)).toBeLessThanOrEqual(to)
    expect(Math.max(...all)).toBeGreaterThan(to - tenth)
  }

  it('near the end of its TTL if it was looked up within 15 minutes', () => {
    expectSpread(dueOfMany({}), NOW + 21_000, NOW + 24_000)
    expect(due(recordWith({ usedAtS: (NOW - 900_000) / 1000 }))).toBe(Number.POSITIVE_INFINITY)
  })

  it('at the interval of open sockets if nobody looks it up', () => {
    expectSpread(dueOfMany({ usedAtS: 0, isLive: true }), NOW + 54_000, NOW + 66_000)
  })

  it('at once if it comes from an earlier run and is used', () => {
    const loaded = recordWith()
    taskOf(loaded).isLoaded = true
    expect(due(loaded)).toBe(Number.NEGATIVE_INFINITY)
    loaded.usedAtS = 0
    expect(due(loaded)).toBe(Number.POSITIVE_INFINITY)
  })

  it('at a random moment of the next TTL if it was followed, so that not all apps are due at once', () => {
    const cursor = cursorUntil(NOW)
    const all = dueOfMany({ followed: { cursor, until: NOW + 600_000 }, readAt: NOW - 300_000, usedAtS: 0 })
    expectSpread(all, NOW - 6_000, NOW + 21_000)
  })

  it('for another 15 minutes if it was followed, even without lookups', () => {
    const cursor = cursorUntil(NOW - 60_000)
    const record = recordWith({
      followed: { cursor, until: NOW + 600_000 },
      readAt: NOW - 10_000,
      usedAtS: 0,
    })
    expect(due(record)).toBeLessThanOrEqual(NOW + 14_000)
    expect(due(record, { now: NOW + 840_000 })).toBe(Number.POSITIVE_INFINITY)
  })
})
