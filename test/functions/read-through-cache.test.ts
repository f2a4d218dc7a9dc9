import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createCache } from '../../functions/apps/read-through-cache.ts'

const TTL = 10_000
const NEGATIVE_TTL = 2000
const create = (options = {}) =>
  createCache<object>({
    ttlMs: TTL,
    negativeTtlMs: NEGATIVE_TTL,
    maxEntries: 10,
    maxBytes: 1000,
    bytesOf: () => 10,
    ...options,
  })

beforeEach(() => vi.useFakeTimers({ toFake: ['Date'] }))
afterEach(() => vi.useRealTimers())

describe('the cache', () => {
  it('returns a value until its TTL has passed since the read', async () => {
    const cache = create()
    const read = vi.fn(async () => ({}))
    const first = await cache('a', read)
    vi.advanceTimersByTime(TTL - 1)
    expect(await cache('a', read)).toEqual({ value: first.value, readAt: first.readAt })
    vi.advanceTimersByTime(1)
    expect(await cache('a', read)).toMatchObject({ readMs: expect.any(Number) })
    expect(read).toHaveBeenCalledTimes(2)
  })

  it('reads again after the clock was set back, and caches the result', async () => {
    const cache = create()
    const now = Date.now()
    await cache('a', async () => ({}))
    await cache('none', async () => undefined)
    vi.setSystemTime(now - 3_600_000)
    const value = {}
    for (const key of ['a', 'none']) {
      expect(await cache(key, async () => value)).toMatchObject({ value, readMs: expect.any(Number) })
      expect(await cache(key, async () => undefined)).toEqual({ value, readAt: now - 3_600_000 })
    }
  })

  it('counts the age from the start of the read', async () => {
    const cache = create()
    const startedAt = Date.now()
    const found = await cache('a', async () => {
      vi.advanceTimersByTime(500)
      return {}
    })
    expect(found.readAt).toBe(startedAt)
  })

  it('has a shorter TTL for a negative result', async () => {
    const cache = create()
    const read = vi.fn(async () => undefined)
    await cache('a', read)
    vi.advanceTimersByTime(NEGATIVE_TTL - 1)
    expect((await cache('a', read)).readMs).toBeUndefined()
    vi.advanceTimersByTime(1)
    await cache('a', read)
    expect(read).toHaveBeenCalledTimes(2)
  })

  it('keeps the newer of a value and a negative result', async () => {
    const cache = create()
    const value = {}
    await cache('a', async () => undefined)
    vi.advanceTimersByTime(NEGATIVE_TTL)
    await cache('a', async () => value)
    expect((await cache('a', async () => undefined)).value).toBe(value)
    vi.advanceTimersByTime(TTL)
    await cache('a', async () => undefined)
    expect((await cache('a', async () => value)).value).toBeUndefined()
  })

  it('evicts no value for negative results, which have a limit of their own', async () => {
    const cache = create()
    await cache('a', async () => ({}))
    for (let n = 0; n < 1000; n++) await cache(`none-${n}`, async () => undefined)
    const again = vi.fn(async () => ({}))
    await cache('a', again)
    expect(again).not.toHaveBeenCalled()
    const reads = vi.fn(async () => undefined)
    for (let n = 0; n < 1000; n++) await cache(`none-${n}`, reads)
    expect(reads.mock.calls.length).toBeGreaterThanOrEqual(1000 - 10)
  })

  it('keeps no more bytes than its limit', async () => {
    const cache = create({ maxEntries: 1000, maxBytes: 100 })
    const reads = vi.fn(async () => ({}))
    for (let round = 0; round < 2; round++)
      for (const key of ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j']) await cache(key, reads)
    // Ten keys of one byte with a value of ten bytes are more than 100.
    expect(reads).toHaveBeenCalledTimes(20)
    for (const key of ['j', 'i', 'h', 'g', 'f', 'e', 'd', 'c', 'b']) await cache(key, reads)
    expect(reads).toHaveBeenCalledTimes(20)
  })

  it('does not cache an error', async () => {
    const cache = create()
    await expect(cache('a', () => Promise.reject(new Error('down')))).rejects.toThrow('down')
    expect(await cache('a', async () => ({}))).toMatchObject({ value: {} })
  })

  it('reads once for concurrent lookups of the same key', async () => {
    const cache = create({ ttlMs: 0, negativeTtlMs: 0 })
    const gate = Promise.withResolvers<object>()
    const read = vi.fn(() => gate.promise)
    const waiting = [cache('a', read), cache('a', read)]
    gate.resolve({})
    const [one, other] = await Promise.all(waiting)
    expect(one?.value).toBe(other?.value)
    expect(read).toHaveBeenCalledTimes(1)
  })

  it('that is bypassed reads again, and caches the result', async () => {
    const cache = create()
    const [old, changed] = [{}, {}]
    await cache('a', async () => old)
    expect(await cache('a', async () => changed, { bypass: true })).toEqual({
      value: changed,
      readAt: Date.now(),
      readMs: expect.any(Number),
    })
    expect((await cache('a', async () => old)).value).toBe(changed)
    await cache('a', async () => undefined, { bypass: true })
    expect((await cache('a', async () => old)).value).toBeUndefined()
  })

  it('that is bypassed does not join a read in flight, which may be older than the call', async () => {
    const cache = create()
    const slow = Promise.withResolvers<object>()
    const earlier = cache('a', () => slow.promise)
    vi.advanceTimersByTime(1)
    const changed = {}
    expect((await cache('a', async () => changed, { bypass: true })).value).toBe(changed)
    slow.resolve({})
    await earlier
    expect((await cache('a', async () => ({}))).value).toBe(changed)
  })

  it('does not replace a newer value by an older negative result', async () => {
    const cache = create()
    const slow = Promise.withResolvers<undefined>()
    const earlier = cache('a', () => slow.promise)
    vi.advanceTimersByTime(1)
    const made = {}
    await cache('a', async () => made, { bypass: true })
    slow.resolve(undefined)
    expect((await earlier).value).toBeUndefined()
    expect((await cache('a', async () => undefined)).value).toBe(made)
  })

  it('is off with a TTL of 0', async () => {
    const cache = create({ ttlMs: 0, negativeTtlMs: 0 })
    const read = vi.fn(async () => ({}))
    await cache('a', read)
    await cache('a', read)
    expect(read).toHaveBeenCalledTimes(2)
  })
})
