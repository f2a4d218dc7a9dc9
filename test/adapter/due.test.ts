import { describe, expect, it } from 'vitest'
import type { Entry } from '../../adapter/lookup/cache/store.ts'
import type { Cursor } from '../../adapter/lookup/feed/cursor.ts'
import { dueAt } from '../../adapter/lookup/refresh/due.ts'
import { appWith } from './endpoint-double.ts'
import { cursorUntil } from './test-cache.ts'

const times = { appTtlMs: 30_000, followedMaxMs: 900_000, revalidateIntervalMs: 60_000 }
const NOW = 1_000_000
const entryWith = (fields: Partial<Entry> = {}): Entry => ({
  app: appWith(),
  etag: undefined,
  readAt: NOW,
  followed: undefined,
  followedBefore: 0,
  isLoaded: false,
  usedAt: NOW,
  unconfirmedUntil: 0,
  failures: {},
  jitter: 0,
  ...fields,
})
const due = (entry: Entry, { users = false, followed = undefined as Cursor | undefined, now = NOW } = {}) =>
  dueAt(entry, users, followed, now, times)

describe('while changes are followed, an app is due', () => {
  const cursor = cursorUntil(NOW + 30_000)

  it('at once if it is not followed, or is followed by another cursor', () => {
    expect(due(entryWith(), { followed: cursor })).toBeLessThanOrEqual(NOW)
    const other = { cursor: cursorUntil(NOW + 30_000), until: NOW + 900_000 }
    expect(due(entryWith({ followed: other }), { followed: cursor })).toBeLessThanOrEqual(NOW)
  })

  it('between 85 % and 95 % of its time if it is followed, whether or not it is looked up', () => {
    const dueWith = (jitter: number) => {
      const ofNode = { ...cursor, jitter }
      const followed = { cursor: ofNode, until: NOW + 900_000 }
      return due(entryWith({ followed, usedAt: 0 }), { followed: ofNode })
    }
    expect(dueWith(0)).toBe(NOW + 855_000)
    expect(dueWith(1)).toBe(NOW + 765_000)
  })
})

describe('while changes are not followed, an app is due', () => {
  it('near the end of its TTL if it was looked up within 15 minutes', () => {
    expect(due(entryWith())).toBe(NOW + 21_000)
    expect(due(entryWith({ jitter: 1 }))).toBe(NOW + 24_000)
    expect(due(entryWith({ usedAt: NOW - 900_000 }))).toBe(Number.POSITIVE_INFINITY)
  })

  it('at the interval of users if nobody looks it up', () => {
    const unused = entryWith({ usedAt: 0 })
    expect(due(unused, { users: true })).toBe(NOW + 54_000)
    expect(due({ ...unused, jitter: 1 }, { users: true })).toBe(NOW + 66_000)
  })

  it('at once if it comes from an earlier run and is used', () => {
    expect(due(entryWith({ isLoaded: true }))).toBe(Number.NEGATIVE_INFINITY)
    expect(due(entryWith({ isLoaded: true, usedAt: 0 }))).toBe(Number.POSITIVE_INFINITY)
  })

  it('at a random moment of the next TTL if it was followed, so that not all apps are due at once', () => {
    const followed = { cursor: cursorUntil(NOW), until: NOW + 600_000 }
    const dueWith = (jitter: number) => due(entryWith({ followed, jitter, readAt: NOW - 300_000, usedAt: 0 }))
    const all = Array.from({ length: 100 }, (_, i) => dueWith(i / 100))
    expect(Math.max(...all)).toBe(NOW + 21_000)
    expect(Math.min(...all)).toBeLessThanOrEqual(NOW - 5_000)
    expect(all.filter((at) => at > NOW && at < NOW + 10_500).length).toBeGreaterThan(30)
  })

  it('for another 15 minutes if it was followed, even without lookups', () => {
    const followed = { cursor: cursorUntil(NOW - 60_000), until: NOW + 600_000 }
    const entry = entryWith({ followed, readAt: NOW - 10_000, usedAt: 0 })
    expect(due(entry)).toBe(NOW + 11_000)
    expect(due(entry, { now: NOW + 840_000 })).toBe(Number.POSITIVE_INFINITY)
  })
})
