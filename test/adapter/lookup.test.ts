import { describe, expect, it } from 'vitest'
import { createAppLookup } from '../../adapter/lookup/index.ts'
import { appWith } from './endpoint-double.ts'
import { lookupOn, outcomeOf, startDouble } from './lookup-on.ts'

async function startWithApp(options = {}) {
  const double = await startDouble()
  double.apps.set('app-1', appWith())
  return { double, ...lookupOn([double], options) }
}

describe('a lookup', () => {
  it('finds an app by its id and by its key with one request', async () => {
    const { double, lookup } = await startWithApp()
    expect(await lookup.findByKey('key-1')).toEqual(appWith())
    expect(await lookup.findById('app-1')).toEqual(appWith())
    expect(double.seen.map(({ path }) => path)).toEqual(['/apps/by-key/key-1'])
  })

  it('finds a disabled app', async () => {
    const { double, lookup } = await startWithApp()
    double.apps.set('app-1', appWith({ enabled: false }))
    expect(await lookup.findById('app-1')).toMatchObject({ enabled: false })
  })

  it('of an app that does not exist is undefined', async () => {
    const { lookup } = await startWithApp()
    expect(await lookup.findById('none')).toBeUndefined()
    expect(await lookup.findByKey('app-1')).toBeUndefined()
  })

  it('is one request for all concurrent lookups of an app', async () => {
    const { double, lookup } = await startWithApp()
    const asked = Array.from({ length: 500 }, (_, i) =>
      i % 2 ? lookup.findByKey('key-1') : lookup.findById('none'),
    )
    expect(new Set((await Promise.all(asked)).map((app) => app?.id))).toEqual(new Set(['app-1', undefined]))
    expect(double.seen).toHaveLength(2)
  })

  it('finds a new app within 5 s of the negative answer, including the endpoint’s 2 s', async () => {
    const { double, lookup, pass } = await startWithApp()
    await lookup.findByKey('new')
    double.apps.set('app-2', appWith({ id: 'app-2', key: 'new' }))
    pass(1_500)
    expect(await lookup.findByKey('new')).toBeUndefined()
    expect(double.seen).toHaveLength(1)
    pass(1_500)
    expect(await lookup.findByKey('new')).toMatchObject({ id: 'app-2' })
  })

  it('revalidates an app with its ETag, and keeps it if it has not changed', async () => {
    const { double, lookup, pass } = await startWithApp()
    const app = await lookup.findById('app-1')
    pass(30_000)
    expect(await lookup.findById('app-1')).toBe(app)
    expect(double.seen.map(({ headers }) => headers['if-none-match'])).toEqual([
      undefined,
      expect.stringMatching(/^".{22}"$/),
    ])
    expect(await lookup.findByKey('key-1')).toBe(app)
    expect(double.seen).toHaveLength(2)
  })

  it('serves nothing older than the TTL while the endpoint responds', async () => {
    const { double, lookup, pass } = await startWithApp()
    await lookup.findByKey('key-1')
    double.apps.set('app-1', appWith({ enabled: false }))
    pass(30_000)
    expect(await lookup.findByKey('key-1')).toMatchObject({ enabled: false })
  })

  it('counts the TTL from the read of the database', async () => {
    const { double, lookup, pass } = await startWithApp()
    double.ageS = 20
    await lookup.findByKey('key-1')
    double.apps.set('app-1', appWith({ enabled: false }))
    pass(10_000)
    expect(await lookup.findByKey('key-1')).toMatchObject({ enabled: false })
  })

  it("sends a name that can't be part of a path in a body", async () => {
    const { double, lookup } = await startWithApp()
    double.apps.set('app-2', appWith({ id: 'app-2', key: 'a/../b?c=d\n%2e é' }))
    expect(await lookup.findByKey('a/../b?c=d\n%2e é')).toMatchObject({ id: 'app-2' })
    expect(double.seen.map(({ method, path }) => `${method} ${path}`)).toEqual(['POST /apps/lookup'])
  })

  it("sends no name that can't be an id or key", async () => {
    const { double, lookup } = await startWithApp()
    for (const name of ['', 'a'.repeat(2_049), 'é'.repeat(1_025), '\ud800'])
      expect(await lookup.findByKey(name)).toBeUndefined()
    expect(double.seen).toEqual([])
  })

  it('removes a known app after two not-found responses half a TTL apart', async () => {
    const { double, lookup, pass } = await startWithApp()
    await lookup.findByKey('key-1')
    double.apps.clear()
    pass(30_000)
    expect(await lookup.findByKey('key-1')).toBeDefined()
    pass(12_000)
    expect(await lookup.findByKey('key-1')).toBeDefined()
    double.apps.set('another', appWith({ id: 'another', key: 'another' }))
    await lookup.findById('another')
    pass(3_000)
    expect(await lookup.findByKey('key-1')).toBeUndefined()
    expect(await lookup.findById('app-1')).toBeUndefined()
  })

  it('by a key that the app no longer has finds nothing after the TTL', async () => {
    const { double, lookup, pass } = await startWithApp()
    const keys = Array.from({ length: 10 }, (_, i) => `key-of-${i}`)
    for (const key of keys) double.apps.set(key, appWith({ id: key, key }))
    await Promise.all(keys.map((key) => lookup.findByKey(key)))
    for (const key of keys) double.apps.set(key, appWith({ id: key, key: `new-${key}` }))
    pass(30_000)
    const found = await Promise.all(keys.map((key) => lookup.findByKey(key)))
    expect(found.filter(Boolean)).toEqual([])
    expect(await lookup.findByKey('new-key-of-1')).toMatchObject({ id: 'key-of-1' })
  })

  it('by a key that now belongs to another app finds that app', async () => {
    const { double, lookup, pass } = await startWithApp()
    await lookup.findByKey('key-1')
    double.apps.set('app-1', appWith({ key: 'key-2' }))
    double.apps.set('app-2', appWith({ id: 'app-2', key: 'key-1' }))
    pass(30_000)
    expect(await lookup.findByKey('key-1')).toMatchObject({ id: 'app-2' })
    expect(await lookup.findByKey('key-2')).toMatchObject({ id: 'app-1' })
  })

  it('keeps known apps for 5 minutes when the table seems to be empty', async () => {
    const { double, lookup, pass } = await startWithApp()
    const ids = Array.from({ length: 10 }, (_, i) => `many-${i}`)
    for (const id of ids) double.apps.set(id, appWith({ id, key: `key-of-${id}` }))
    const findAll = () => Promise.all(ids.map((id) => lookup.findById(id)))
    await findAll()
    double.apps.clear()
    // The first round. The second confirms it, and starts the count.
    for (let s = 30; s < 330; s += 30) {
      pass(30_000)
      expect((await findAll()).filter(Boolean), `after ${s} s`).toHaveLength(10)
    }
    pass(30_000)
    expect((await findAll()).filter(Boolean)).toEqual([])
  })

  it('counts its outcome, and reports the age of the oldest app', async () => {
    const { lookup, pass } = await startWithApp()
    await lookup.findByKey('key-1')
    await lookup.findByKey('key-1')
    await lookup.findByKey('none')
    await lookup.findByKey('')
    pass(10_000)
    await lookup.findByKey('key-1')
    const stats = lookup.stats()
    expect(stats).toMatchObject({
      lookups: { read: 1, fresh: 2, missing: 1, unsendable: 1, stale: 0, unavailable: 0 },
      knownApps: 1,
      negativeResults: 1,
      revalidation: { feed: 'off', hints: 0, followedApps: 0 },
      regions: [{ state: 'answering', inUse: true, requests: { lookup: { found: 1, 'not-found': 1 } } }],
    })
    expect(stats.oldestServedMs).toBeGreaterThanOrEqual(10_000)
    expect(stats.oldestServedMs).toBeLessThan(12_000)
    pass(180_000)
    expect(lookup.stats().oldestServedMs).toBe(0)
  })

  it('rejects at once when it is closed, and so do lookups in flight', async () => {
    const { double, lookup } = await startWithApp()
    double.mode = 'hanging'
    const pending = outcomeOf(lookup.findByKey('key-1'))
    await expect.poll(() => double.seen.length).toBe(1)
    await lookup.close()
    expect(await pending).toBe('closed')
    expect(await outcomeOf(lookup.findById('app-1'))).toBe('closed')
    await lookup.close()
  })

  it("can't be created with an invalid option", () => {
    expect(() => createAppLookup({ url: '', token: 'a' })).toThrow(/^url is not set/)
    expect(() => createAppLookup({ url: 'https://a.example' })).toThrow(/^neither token nor tokenFile/)
  })
})
