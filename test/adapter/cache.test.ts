import { describe, expect, it } from 'vitest'
import { createCache, type Reading } from '../../adapter/lookup/cache.ts'
import { appWith } from './endpoint-double.ts'

const times = {
  appTtlMs: 30_000,
  missTtlMs: 5_000,
  staleMaxMs: 3_600_000,
  confirmMs: 15_000,
  holdMs: 300_000,
}
const create = (sizes = { appsMax: 100, missesMax: 100 }) => createCache<string>({ ...times, ...sizes })
const reading = (readAt: number, fields = {}, etag?: string): Reading => {
  const app = appWith(fields)
  return etag === undefined ? { app, readAt } : { app, etag, readAt }
}

describe('a known app', () => {
  it('is fresh for its TTL from the read, and to be refreshed from half of it on', () => {
    const cache = create()
    cache.found('id', 'app-1', reading(0))
    expect(cache.view('id', 'app-1', 14_999)).toMatchObject({ state: 'fresh', refresh: false })
    expect(cache.view('id', 'app-1', 15_000)).toMatchObject({ state: 'fresh', refresh: true })
    expect(cache.view('id', 'app-1', 29_999).state).toBe('fresh')
    expect(cache.view('id', 'app-1', 30_000).state).toBe('expired')
  })

  it('is known by its key as soon as it was found by its id, and the other way round', () => {
    const cache = create()
    cache.found('id', 'app-1', reading(0))
    cache.found('key', 'key-2', reading(0, { id: 'app-2', key: 'key-2' }))
    expect(cache.view('key', 'key-1', 1)).toMatchObject({ state: 'fresh', reading: { app: { id: 'app-1' } } })
    expect(cache.view('id', 'app-2', 1)).toMatchObject({ state: 'fresh', reading: { app: { key: 'key-2' } } })
  })

  it('with an id that is another app’s key is not that app', () => {
    const cache = create()
    cache.found('id', 'same', reading(0, { id: 'same', key: 'a' }))
    cache.found('key', 'same', reading(0, { id: 'b', key: 'same' }))
    expect(cache.view('id', 'same', 1)).toMatchObject({ reading: { app: { key: 'a' } } })
    expect(cache.view('key', 'same', 1)).toMatchObject({ reading: { app: { id: 'b' } } })
  })

  it('is no longer known by the key it had before', () => {
    const cache = create()
    cache.found('key', 'old', reading(0, { key: 'old' }))
    cache.found('id', 'app-1', reading(1, { key: 'new' }))
    expect(cache.view('key', 'old', 2).state).toBe('unknown')
    expect(cache.view('key', 'new', 2).state).toBe('fresh')
    // An answer on its way, from a cache of the endpoint's.
    cache.found('key', 'old', reading(0.5, { key: 'old' }))
    expect(cache.view('key', 'old', 3).state).toBe('unknown')
  })

  it('does not take over by its id the key under which another app was found', () => {
    const cache = create()
    cache.found('key', 'key-1', reading(0, { id: 'holder' }))
    cache.found('id', 'app-1', reading(1))
    expect(cache.view('key', 'key-1', 2)).toMatchObject({ reading: { app: { id: 'holder' } } })
  })

  it('stays the same object while nothing in it changes', () => {
    const cache = create()
    const first = cache.found('id', 'app-1', reading(0))
    expect(cache.found('key', 'key-1', reading(1, {}, '"1"')).app).toBe(first.app)
    expect(cache.found('id', 'app-1', reading(2, { maxConnections: 1 }, '"2"')).app).not.toBe(first.app)
  })

  it('of an earlier run is never fresh, but there when nobody answers', () => {
    const cache = create()
    cache.load([reading(0)])
    expect(cache.view('key', 'key-1', 1).state).toBe('expired')
    expect(cache.fallback('key', 'key-1', 3_600_000)).toBeDefined()
    expect(cache.fallback('key', 'key-1', 3_600_001)).toBeUndefined()
  })

  it('that was disabled is not there when nobody answers', () => {
    const cache = create()
    cache.found('id', 'app-1', reading(0, { enabled: false }))
    expect(cache.fallback('id', 'app-1', 1)).toBeUndefined()
  })

  it('is not removed by a region it failed over to', () => {
    const cache = create()
    cache.found('id', 'app-1', reading(0))
    for (let at = 30_000; at < 3_600_000; at += 20_000)
      expect(cache.notFound('id', 'app-1', at, false, at)).toBeDefined()
    expect(cache.view('id', 'app-1', 3_590_001).state).toBe('doubtful')
  })

  it('is gone by its key as well when it is gone by its id', () => {
    const cache = create()
    cache.found('id', 'app-1', reading(0))
    cache.notFound('id', 'app-1', 1_000, true, 1_000)
    expect(cache.view('key', 'key-1', 16_000).state).toBe('fresh')
    expect(cache.notFound('id', 'app-1', 16_000, true, 16_000)).toBeUndefined()
    expect(cache.view('id', 'app-1', 16_001).state).toBe('missing')
    expect(cache.view('key', 'key-1', 16_001).state).toBe('unknown')
  })

  it('that is asked for once an hour is gone with the first not-found answer', () => {
    const cache = create()
    cache.found('id', 'app-1', reading(0))
    expect(cache.notFound('id', 'app-1', 3_600_001, true, 3_600_001)).toBeUndefined()
  })
})

describe('the bounds', () => {
  it('keep apps and misses limited, apart from each other', () => {
    const cache = create({ appsMax: 10, missesMax: 10 })
    for (let i = 0; i < 10; i += 1)
      cache.found('id', `app-${i}`, reading(0, { id: `app-${i}`, key: `key-${i}` }))
    for (let i = 0; i < 10_000; i += 1) {
      cache.notFound('key', `stranger-${i}`, 0, true, 0)
      cache.failed('key', `unlucky-${i}`, 'why', 1_000)
    }
    expect(cache.sizes()).toEqual({ apps: 10, misses: 10 })
    for (let i = 0; i < 10; i += 1) expect(cache.view('key', `key-${i}`, 1).state).toBe('fresh')
    for (let i = 0; i < 1_000; i += 1)
      cache.found('id', `a-${i}`, reading(0, { id: `a-${i}`, key: `k-${i}` }))
    expect(cache.readings().length).toBeLessThanOrEqual(20)
  })
})
