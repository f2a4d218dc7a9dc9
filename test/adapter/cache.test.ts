import { describe, expect, it } from 'vitest'
import { appWith } from './endpoint-double.ts'
import { createCache, failureUntil, followed, near, reading } from './test-cache.ts'

const far = (readAt: number) => ({ readAt, isNearest: false, consistent: false })

describe('a known app', () => {
  it('is fresh for its TTL from the read', () => {
    const cache = createCache()
    cache.found('id', reading(0))
    expect(cache.view('id', 'app-1', 29_999).state).toBe('fresh')
    expect(cache.view('id', 'app-1', 30_000).state).toBe('expired')
  })

  it('is known by its key as soon as it was found by its id, and vice versa', () => {
    const cache = createCache()
    cache.found('id', reading(0))
    cache.found('key', reading(0, { id: 'app-2', key: 'key-2' }))
    expect(cache.view('key', 'key-1', 1)).toMatchObject({ state: 'fresh', record: { app: { id: 'app-1' } } })
    expect(cache.view('id', 'app-2', 1)).toMatchObject({ state: 'fresh', record: { app: { key: 'key-2' } } })
  })

  it('with an id that is the key of another app is not that app', () => {
    const cache = createCache()
    cache.found('id', reading(0, { id: 'same', key: 'a' }))
    cache.found('key', reading(0, { id: 'b', key: 'same' }))
    expect(cache.view('id', 'same', 1)).toMatchObject({ record: { app: { key: 'a' } } })
    expect(cache.view('key', 'same', 1)).toMatchObject({ record: { app: { id: 'b' } } })
  })

  it('is no longer known by the key it had before', () => {
    const cache = createCache()
    cache.found('key', reading(0, { key: 'old' }))
    cache.found('id', reading(1, { key: 'new' }))
    expect(cache.view('key', 'old', 2).state).toBe('unknown')
    expect(cache.view('key', 'new', 2).state).toBe('fresh')
    // A response in flight, from a cache of the endpoint.
    cache.found('key', reading(0.5, { key: 'old' }))
    expect(cache.view('key', 'old', 3).state).toBe('unknown')
  })

  it('stays the same object while it does not change', () => {
    const cache = createCache()
    const first = cache.found('id', reading(0))?.app
    expect(cache.found('key', reading(1, {}, '"1"'))?.app).toBe(first)
    expect(cache.found('id', reading(2, { maxConnections: 1 }, '"2"'))?.app).not.toBe(first)
  })

  it('is reported when it has changed, and when it was deleted', () => {
    const told: unknown[] = []
    const cache = createCache({ onChange: (id: string, app: unknown) => told.push([id, app]) })
    cache.found('id', reading(0))
    cache.found('id', reading(1))
    cache.found('id', reading(2, { enabled: false }))
    cache.idNotFound('app-1', near(3), 3)
    cache.found('id', reading(4, { id: 'another', key: 'another' }))
    cache.idNotFound('app-1', near(15_003), 15_003)
    expect(told).toEqual([
      ['app-1', appWith()],
      ['app-1', appWith({ enabled: false })],
      ['another', appWith({ id: 'another', key: 'another' })],
      ['app-1', undefined],
    ])
  })

  it('of an earlier run is never fresh, but is served while no region responds', () => {
    const cache = createCache()
    cache.load([reading(0)])
    expect(cache.view('key', 'key-1', 1).state).toBe('expired')
    expect(cache.staleIfError('key', 'key-1', 3_600_000)).toBeDefined()
    expect(cache.staleIfError('key', 'key-1', 3_600_001)).toBeUndefined()
  })

  it('that was disabled is not served while no region responds', () => {
    const cache = createCache()
    cache.found('id', reading(0, { enabled: false }))
    expect(cache.staleIfError('id', 'app-1', 1)).toBeUndefined()
  })

  it('is not removed by a region it failed over to', () => {
    const cache = createCache()
    cache.found('id', reading(0))
    for (let at = 30_000; at < 3_600_000; at += 20_000)
      expect(cache.idNotFound('app-1', far(at), at).gone).toBe(false)
    expect(cache.view('id', 'app-1', 3_590_001).state).toBe('unconfirmed')
  })

  it('is removed by its key as well when it is removed by its id', () => {
    const cache = createCache()
    cache.found('id', reading(0))
    cache.idNotFound('app-1', near(1_000), 1_000)
    expect(cache.view('key', 'key-1', 16_000).state).toBe('fresh')
    cache.found('id', reading(1_001, { id: 'another', key: 'another' }))
    expect(cache.idNotFound('app-1', near(16_000), 16_000).gone).toBe(true)
    expect(cache.view('id', 'app-1', 16_001).state).toBe('missing')
    expect(cache.view('key', 'key-1', 16_001).state).toBe('unknown')
  })

  it('is not restored by a response that is older than its deletion', () => {
    const cache = createCache()
    cache.found('id', reading(0))
    cache.idNotFound('app-1', near(1_000), 1_000)
    cache.found('id', reading(1_001, { id: 'another', key: 'another' }))
    cache.idNotFound('app-1', near(16_000), 16_000)
    expect(cache.found('id', reading(15_999))).toBeUndefined()
    expect(cache.view('id', 'app-1', 16_001).state).toBe('missing')
  })

  it('that is looked up once an hour is removed at the first not-found response', () => {
    const cache = createCache()
    cache.found('id', reading(0))
    expect(cache.idNotFound('app-1', near(3_600_001), 3_600_001).gone).toBe(true)
  })
})

describe('a key', () => {
  it('of two apps is looked up, and then belongs to the app that was found', () => {
    const cache = createCache()
    cache.found('key', reading(0, { id: 'first' }))
    cache.found('id', reading(1, { id: 'second' }))
    expect(cache.view('key', 'key-1', 2)).toMatchObject({
      state: 'expired',
      record: { app: { id: 'first' } },
    })
    cache.found('key', reading(3, { id: 'second' }))
    expect(cache.view('key', 'key-1', 4)).toMatchObject({ state: 'fresh', record: { app: { id: 'second' } } })
    expect(cache.view('id', 'first', 4).state).toBe('fresh')
  })

  it('that was looked up stays with the app that was found when the other one is read again', () => {
    const cache = createCache()
    cache.found('id', reading(0, { id: 'first' }))
    cache.found('id', reading(1, { id: 'second' }))
    expect(cache.isContested('key', 'key-1')).toBe(true)
    cache.found('key', reading(2, { id: 'second' }))
    cache.found('id', reading(3, { id: 'first' }))
    expect(cache.view('key', 'key-1', 4)).toMatchObject({ state: 'fresh', record: { app: { id: 'second' } } })
  })

  it('does not move to another app because of an older response', () => {
    const cache = createCache()
    cache.found('key', reading(2, { id: 'first' }))
    cache.found('key', reading(1, { id: 'second' }))
    expect(cache.view('key', 'key-1', 3)).toMatchObject({
      state: 'expired',
      record: { app: { id: 'first' } },
    })
  })

  it('is free when its app has another one', () => {
    const cache = createCache()
    cache.found('key', reading(0, { id: 'first' }))
    cache.found('id', reading(1, { id: 'second' }))
    cache.found('id', reading(2, { id: 'first', key: 'other' }))
    expect(cache.view('key', 'key-1', 3).state).toBe('unknown')
    expect(cache.view('key', 'other', 3)).toMatchObject({ record: { app: { id: 'first' } } })
  })

  it('goes with its app when that is evicted', () => {
    const cache = createCache({ maxApps: 2 })
    for (const n of [1, 2, 3, 4]) cache.found('id', reading(n, { id: `app-${n}`, key: `key-${n}` }))
    expect(cache.view('key', 'key-1', 5).state).toBe('unknown')
    expect(cache.view('key', 'key-3', 5).state).toBe('fresh')
    cache.found('id', reading(6, { id: 'app-1', key: 'new-key' }))
    expect(cache.view('key', 'key-1', 7).state).toBe('unknown')
  })
})

describe('the bounds', () => {
  it('limit apps and negative answers separately', () => {
    const cache = createCache({ maxApps: 10, maxNames: 10 })
    for (let i = 0; i < 10; i += 1) cache.found('id', reading(0, { id: `app-${i}`, key: `key-${i}` }))
    for (let i = 0; i < 1_000; i += 1) {
      cache.keyNotFound(`unknown-${i}`, 0, followed(1_000))
      cache.failed('key', `unlucky-${i}`, failureUntil(1_000))
    }
    expect(cache.sizes.apps).toBe(10)
    expect(cache.sizes.names).toBeLessThanOrEqual(40)
    for (let i = 0; i < 10; i += 1) expect(cache.view('key', `key-${i}`, 1).state).toBe('fresh')
    for (let i = 0; i < 100; i += 1) cache.found('id', reading(0, { id: `a-${i}`, key: `k-${i}` }))
    expect(cache.readings(0).length).toBeLessThanOrEqual(20)
  })
})
