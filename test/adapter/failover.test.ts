import { describe, expect, it } from 'vitest'
import type { AppLookup } from '../../adapter/lookup/index.ts'
import { appWith, type EndpointDouble, type Mode } from './endpoint-double.ts'
import { IMPATIENT, lookupOn, outcomeOf, startDouble } from './lookup-on.ts'

const inUse = (lookup: AppLookup) => lookup.stats().regions.findIndex((region) => region.inUse)
const addApps = (double: EndpointDouble, count: number, prefix = 'app') => {
  for (let i = 0; i < count; i += 1)
    double.apps.set(`${prefix}-${i}`, appWith({ id: `${prefix}-${i}`, key: `${prefix}-key-${i}` }))
}
const names = (count: number, prefix = 'app') => Array.from({ length: count }, (_, i) => `${prefix}-key-${i}`)

describe('with two regions', () => {
  it('the nearest one is used while it responds', async () => {
    const [near, far] = [await startDouble(), await startDouble()]
    addApps(near, 10)
    const { lookup } = lookupOn([near, far])
    await Promise.all(names(10).map((key) => lookup.findByKey(key)))
    expect([near.seen.length, far.seen.length]).toEqual([10, 0])
  })

  it.each<Mode | 'refused'>(['refused', 'hanging', 'unavailable', 'gateway-404'])(
    'no lookup fails when the nearest one is %s, and all return to it',
    async (mode) => {
      const [near, far] = [await startDouble(), await startDouble()]
      for (const double of [near, far]) addApps(double, 40)
      const { lookup } = lookupOn([near, far], mode === 'hanging' ? IMPATIENT : {})
      if (mode === 'refused') await near.refuse()
      else near.mode = mode
      near.retryAfter = '1'

      const found = await Promise.all(names(20).map((key) => lookup.findByKey(key)))
      expect(found.filter(Boolean)).toHaveLength(20)
      await expect.poll(() => inUse(lookup)).toBe(1)
      const before = near.lookups().length
      expect(await lookup.findByKey('app-key-20')).toMatchObject({ id: 'app-20' })
      expect(near.lookups()).toHaveLength(before)

      near.mode = 'fine'
      if (mode === 'refused') await near.listen()
      await expect.poll(() => inUse(lookup)).toBe(0)
      expect(await lookup.findByKey('app-key-30')).toMatchObject({ id: 'app-30' })
      expect(near.lookups().at(-1)?.path).toBe('/apps/by-key/app-key-30')
    },
  )

  it('a 404 of the far one removes no known app', async () => {
    const [near, far] = [await startDouble(), await startDouble()]
    near.apps.set('app-1', appWith())
    const { lookup, pass } = lookupOn([near, far])
    const app = await lookup.findByKey('key-1')
    await near.refuse()
    for (let i = 0; i < 10; i += 1) {
      pass(31_000)
      expect(await lookup.findByKey('key-1')).toBe(app)
    }
    expect(far.seen.filter(({ path }) => path.endsWith('key-1')).length).toBeGreaterThan(2)
  })

  it('a 404 of the far one is accepted for an unknown app when it is repeated after a minute', async () => {
    const [near, far] = [await startDouble(), await startDouble()]
    const { lookup, pass } = lookupOn([near, far])
    await near.refuse()
    const lookUp = () => outcomeOf(lookup.findByKey('never-seen'))
    for (let seconds = 0; seconds < 60; seconds += 6) {
      expect(await lookUp(), `after ${seconds} s`).toBe('endpoint-unavailable')
      pass(6_000)
    }
    expect(await lookUp()).toBeUndefined()
    pass(6_000)
    far.apps.set('app-2', appWith({ id: 'app-2', key: 'never-seen' }))
    expect(await lookUp()).toMatchObject({ id: 'app-2' })
  })

  it('an app that has not reached the far one yet is found as soon as it has', async () => {
    const [near, far] = [await startDouble(), await startDouble()]
    const { lookup, pass } = lookupOn([near, far])
    await near.refuse()
    const error = await lookup.findById('app-1').catch((reason: unknown) => reason)
    expect(error).toMatchObject({ code: 'endpoint-unavailable', retryAfterMs: 5_000 })
    const before = far.lookups().length
    expect(await outcomeOf(lookup.findById('app-1'))).toBe('endpoint-unavailable')
    expect(far.lookups()).toHaveLength(before)
    far.apps.set('app-1', appWith())
    pass(5_000)
    expect(await lookup.findById('app-1')).toEqual(appWith())
  })

  it('a token that one of them rejects is no reason to fail', async () => {
    const [near, far] = [await startDouble(), await startDouble()]
    near.mode = 'wrong-token'
    far.apps.set('app-1', appWith())
    const { lookup, lines } = lookupOn([near, far])
    expect(await lookup.findByKey('key-1')).toEqual(appWith())
    await expect.poll(() => lookup.stats().regions[0]?.state).toBe('denied')
    expect(lines.filter((line) => line.includes('rejects the token'))).toEqual([
      `error ${near.url} rejects the token`,
    ])
  })

  it('a token that one of them rejects is not sent there again for the same lookup', async () => {
    const [near, far] = [await startDouble(), await startDouble()]
    near.except = ({ path }) => (path.includes('victim') ? 'wrong-token' : undefined)
    far.except = ({ path }) => (path.includes('victim') ? 'broken-inside' : undefined)
    const { lookup } = lookupOn([near, far])
    expect(await outcomeOf(lookup.findByKey('victim'))).toBe('endpoint-unavailable')
    expect([near.lookups().length, far.lookups().length]).toEqual([1, 2])
  })

  it("a key that the nearest one can't look up does not move other lookups", async () => {
    const [near, far] = [await startDouble(), await startDouble()]
    addApps(near, 10)
    near.except = ({ path }) => (path.includes('evil') ? 'broken-inside' : undefined)
    const { lookup } = lookupOn([near, far])
    for (let i = 0; i < 20; i += 1)
      expect(await outcomeOf(lookup.findByKey(`evil-${i}`))).toBe('endpoint-unavailable')
    await expect.poll(() => near.seen.length - near.lookups().length).toBeGreaterThan(0)
    expect(inUse(lookup)).toBe(0)
    await Promise.all(names(10).map((key) => lookup.findByKey(key)))
    expect(far.seen.filter(({ path }) => !path.includes('evil'))).toEqual([])
  })

  it('that both fail, a lookup fails, whatever each of them returns', async () => {
    const [near, far] = [await startDouble(), await startDouble()]
    near.mode = 'html-404'
    far.mode = 'wrong-token'
    const { lookup } = lookupOn([near, far])
    expect(await outcomeOf(lookup.findByKey('key-1'))).toBe('endpoint-unavailable')
    near.mode = 'wrong-token'
    await expect.poll(() => lookup.stats().regions.map(({ state }) => state)).toEqual(['denied', 'denied'])
    expect(await outcomeOf(lookup.findByKey('key-2'))).toBe('token-refused')
    expect(inUse(lookup)).toBe(-1)
  })
})

describe('the deadline of a lookup', () => {
  it('leaves 1.5 s to the next region when the nearest one does not respond', async () => {
    const [near, far] = [await startDouble(), await startDouble()]
    addApps(far, 1)
    near.mode = 'hanging'
    const { lookup } = lookupOn([near, far], { lookupTimeoutMs: 2_000 })
    const startedAt = performance.now()
    expect(await lookup.findByKey('app-key-0')).toMatchObject({ id: 'app-0' })
    expect(performance.now() - startedAt).toBeLessThan(1_900)
  })

  it('is the same for a caller that waits for the rate limit, and for one that joins a request', async () => {
    const double = await startDouble()
    double.mode = 'hanging'
    const { lookup } = lookupOn([double], { lookupTimeoutMs: 2_000, unknownLookupsPerSecond: 1 })
    const startedAt = performance.now()
    const codes = await Promise.all(['a', 'a', 'b', 'c'].map((key) => outcomeOf(lookup.findByKey(key))))
    expect(new Set(codes).size).toBeLessThanOrEqual(2)
    expect(codes[0]).toBe('endpoint-unavailable')
    expect(performance.now() - startedAt).toBeLessThan(3_500)
  })
})
