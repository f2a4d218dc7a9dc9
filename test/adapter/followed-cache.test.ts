import { describe, expect, it } from 'vitest'
import { hashOfKey } from '../../adapter/lookup/feed/page.ts'
import { createCache, followed, near, reading } from './test-cache.ts'

describe('an app that is followed', () => {
  it('is fresh for as long as its cursor is followed, and for 15 minutes at most', () => {
    const cache = createCache()
    const { cursor, until } = followed(100_000)
    cache.found('id', reading(0), { cursor, until })
    expect(cache.view('id', 'app-1', 99_999).state).toBe('fresh')
    cursor.followingUntil = 2_000_000
    expect(cache.view('key', 'key-1', 899_999).state).toBe('fresh')
    expect(cache.view('key', 'key-1', 900_000).state).toBe('expired')
  })

  it('is served for a minute after its cursor is no longer followed, but not beyond the 15 minutes', () => {
    const cache = createCache()
    cache.found('id', reading(0), followed(500_000))
    expect(cache.view('id', 'app-1', 500_000).state).toBe('revalidating')
    expect(cache.view('id', 'app-1', 559_999).state).toBe('revalidating')
    expect(cache.view('id', 'app-1', 560_000).state).toBe('expired')
    cache.found('id', reading(0, { id: 'app-2', key: 'key-2' }), followed(870_000))
    expect(cache.view('id', 'app-2', 899_999).state).toBe('revalidating')
    expect(cache.view('id', 'app-2', 900_000).state).toBe('expired')
  })

  it('is no longer followed after a hint of it', () => {
    const cache = createCache()
    cache.found('id', reading(0), followed(500_000))
    cache.hint({ id: 'app-1' }, 10_000)
    expect(cache.view('id', 'app-1', 29_999).state).toBe('fresh')
    expect(cache.view('id', 'app-1', 30_000).state).toBe('expired')
  })

  it('counts as confirmed until it was no longer followed, while no region responds', () => {
    const cache = createCache()
    cache.found('id', reading(0), followed(800_000))
    expect(cache.staleIfError('id', 'app-1', 4_400_000)).toBeDefined()
    expect(cache.staleIfError('id', 'app-1', 4_400_001)).toBeUndefined()
    cache.hint({ id: 'app-1' }, 700_000)
    expect(cache.staleIfError('id', 'app-1', 4_300_000)).toBeDefined()
    expect(cache.staleIfError('id', 'app-1', 4_300_001)).toBeUndefined()
  })
})

describe('a negative answer', () => {
  it('is used for its TTL', () => {
    const cache = createCache()
    cache.keyNotFound('none', 0)
    expect(cache.view('key', 'none', 4_999).state).toBe('missing')
    expect(cache.view('key', 'none', 5_000).state).toBe('unknown')
  })

  it('that is followed is used until a hint with its id, or with the hash of its key', () => {
    const cache = createCache()
    cache.keyNotFound('none', 0, followed(500_000))
    cache.idNotFound('none', near(0), 0, followed(500_000))
    cache.hint({ id: 'other', keys: [hashOfKey('another')] }, 10_000)
    expect(cache.view('key', 'none', 499_999).state).toBe('missing')
    expect(cache.view('id', 'none', 499_999).state).toBe('missing')
    cache.hint({ id: 'new', keys: [hashOfKey('none')] }, 10_000)
    expect(cache.view('key', 'none', 10_000).state).toBe('unknown')
    expect(cache.view('id', 'none', 10_000).state).toBe('missing')
    cache.hint({ id: 'none', keys: [] }, 10_000)
    expect(cache.view('id', 'none', 10_000).state).toBe('unknown')
  })

  it('by key is no longer followed after a hint without keys', () => {
    const cache = createCache()
    cache.keyNotFound('none', 0, followed(500_000))
    cache.hint({ id: 'other' }, 10_000)
    expect(cache.view('key', 'none', 10_000).state).toBe('unknown')
  })

  it('is not served any longer than its cursor is followed', () => {
    const cache = createCache()
    cache.keyNotFound('none', 0, followed(100_000))
    expect(cache.view('key', 'none', 100_000).state).toBe('unknown')
  })

  it('ends when the app is found, and is no longer followed when an older response had the app', () => {
    const cache = createCache()
    cache.keyNotFound('key-1', 100, followed(500_000))
    cache.found('id', reading(50))
    expect(cache.view('key', 'key-1', 5_099).state).toBe('missing')
    expect(cache.view('key', 'key-1', 5_100).state).toBe('fresh')
    cache.keyNotFound('key-1', 6_000)
    cache.found('id', reading(6_001))
    expect(cache.view('key', 'key-1', 6_002).state).toBe('fresh')
  })
})
