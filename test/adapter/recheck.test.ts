import { describe, expect, it } from 'vitest'
import { appWith, type EndpointDouble } from './endpoint-double.ts'
import { IMPATIENT, lookupOn, startDouble } from './lookup-on.ts'

const idsOf = (count: number) => Array.from({ length: count }, (_, i) => `app-${i}`)
const addApps = (double: EndpointDouble, count: number, fields = {}) => {
  for (const id of idsOf(count)) double.apps.set(id, appWith({ id, key: `key-of-${id}`, ...fields }))
}
const batches = (double: EndpointDouble) =>
  double.seen
    .filter(({ path }) => path === '/apps/lookup')
    .map(({ body }) => JSON.parse(body).apps as unknown[])

async function startWithApps(count: number, options = {}) {
  const double = await startDouble()
  addApps(double, count)
  return { double, ...lookupOn([double], { unknownLookupsPerSecond: 1_000, ...options }) }
}

describe('a re-check', () => {
  it('asks for many apps at once, each under the condition that it has changed', async () => {
    const { double, lookup, pass } = await startWithApps(3)
    const app = await lookup.findById('app-0')
    await lookup.findById('app-1')
    double.apps.set('app-1', appWith({ id: 'app-1', key: 'key-of-app-1', maxConnections: 1 }))
    pass(11_000)
    const results = await lookup.recheck(['app-0', 'app-1', 'app-2'])
    expect(results.get('app-0')).toEqual({ status: 'unchanged', app })
    expect(results.get('app-1')).toMatchObject({ status: 'changed', app: { maxConnections: 1 } })
    expect(results.get('app-2')).toMatchObject({ status: 'changed', app: { id: 'app-2' } })
    expect(batches(double)).toEqual([
      [{ id: 'app-0', etag: expect.any(String) }, { id: 'app-1', etag: expect.any(String) }, { id: 'app-2' }],
    ])
  })

  it('takes nothing that may be older than what a lookup has read', async () => {
    const { double, lookup, pass } = await startWithApps(1)
    const app = await lookup.findById('app-0')
    addApps(double, 1, { maxConnections: 1 })
    // Without an age it may come from a cache of the endpoint's that was filled before the lookup.
    expect((await lookup.recheck(['app-0'])).get('app-0')).toEqual({ status: 'unchanged', app })
    double.agesInBatches = true
    pass(1_000)
    expect((await lookup.recheck(['app-0'])).get('app-0')).toMatchObject({ app: { maxConnections: 1 } })
  })

  it('makes what it found known to lookups, as the same object', async () => {
    const { double, lookup, pass } = await startWithApps(1)
    const recheck = (await lookup.recheck(['app-0'])).get('app-0')
    const app = await lookup.findByKey('key-of-app-0')
    expect(recheck).toEqual({ status: 'changed', app })
    pass(1_000)
    expect((await lookup.recheck(['app-0'])).get('app-0')).toMatchObject({ status: 'unchanged' })
    expect(await lookup.findById('app-0')).toBe(app)
    expect(double.seen).toHaveLength(2)
  })

  it('takes 100 apps at a time, at most once a second', async () => {
    const { double, lookup } = await startWithApps(150)
    const sentAt: number[] = []
    double.except = () => {
      sentAt.push(performance.now())
      return undefined
    }
    const [results] = await Promise.all([lookup.recheck(idsOf(150)), lookup.recheck([])])
    expect([...results.values()].filter(({ status }) => status === 'changed')).toHaveLength(150)
    expect(batches(double).map(({ length }) => length)).toEqual([100, 50])
    // From one arrival to the next, which may be a little less than from one sending to the next.
    expect((sentAt[1] ?? 0) - (sentAt[0] ?? 0)).toBeGreaterThan(900)
  })

  it('keeps each request below 64 KiB', async () => {
    const double = await startDouble()
    const long = Array.from({ length: 35 }, (_, i) => `${'long/'.repeat(400)}${i}`)
    for (const id of long) double.apps.set(id, appWith({ id, key: `key-${id}` }))
    const { lookup } = lookupOn([double])
    const results = await lookup.recheck(long)
    expect([...results.values()].every(({ status }) => status === 'changed')).toBe(true)
    const sizes = double.seen.map(({ body }) => Buffer.byteLength(body))
    expect(sizes).toHaveLength(2)
    expect(Math.max(...sizes)).toBeLessThan(64 * 1024)
  })

  it('asks for the halves when an answer would be too large', async () => {
    const { double, lookup } = await startWithApps(2)
    addApps(double, 2, { webhooks: [{ event_types: ['a'], headers: { pad: 'x'.repeat(700_000) } }] })
    const results = await lookup.recheck(idsOf(2))
    expect([...results.values()].map(({ status }) => status)).toEqual(['changed', 'changed'])
    expect(batches(double).map(({ length }) => length)).toEqual([2, 1, 1])
  })

  it('says that an app is gone after two answers, the interval between them', async () => {
    const { double, lookup, pass } = await startWithApps(6)
    await lookup.recheck(idsOf(6))
    double.apps.delete('app-0')
    pass(60_000)
    expect((await lookup.recheck(idsOf(6))).get('app-0')).toEqual({ status: 'unknown' })
    pass(2_000)
    expect((await lookup.recheck(idsOf(6))).get('app-0')).toEqual({ status: 'unknown' })
    pass(58_000)
    expect((await lookup.recheck(idsOf(6))).get('app-0')).toEqual({ status: 'gone' })
    expect(await lookup.findById('app-0')).toBeUndefined()
  })

  it('holds a mass disappearance back for 5 minutes', async () => {
    const { double, lookup, pass } = await startWithApps(10)
    await lookup.recheck(idsOf(10))
    double.apps.clear()
    const statuses = async () => {
      pass(60_000)
      return [...(await lookup.recheck(idsOf(10))).values()].map(({ status }) => status)
    }
    for (let minute = 1; minute <= 5; minute += 1)
      expect(await statuses(), `minute ${minute}`).toEqual(Array(10).fill('unknown'))
    expect(await statuses()).toEqual(Array(10).fill('gone'))
  })

  it('believes no fail-over region that an app is gone', async () => {
    const [near, far] = [await startDouble(), await startDouble()]
    addApps(near, 1)
    const { lookup, pass } = lookupOn([near, far])
    await lookup.recheck(['app-0'])
    await near.refuse()
    await lookup.check()
    for (let i = 0; i < 5; i += 1) {
      pass(60_000)
      expect((await lookup.recheck(['app-0'])).get('app-0')).toEqual({ status: 'unknown' })
    }
    expect(batches(far)).toHaveLength(5)
  })

  it.each([
    'reset',
    'hanging',
    'unavailable',
    'broken-json',
    'gateway-404',
    'wrong-token',
    'bad-request',
  ] as const)('knows nothing while the endpoint is %s', async (mode) => {
    const { double, lookup, pass } = await startWithApps(2, IMPATIENT)
    await lookup.recheck(idsOf(2))
    double.mode = mode
    pass(1_000)
    expect([...(await lookup.recheck(idsOf(2))).values()]).toEqual(Array(2).fill({ status: 'unknown' }))
  })

  it('asks nobody while no region is in use', async () => {
    const { double, lookup } = await startWithApps(2)
    double.mode = 'unavailable'
    await lookup.check()
    expect([...(await lookup.recheck(idsOf(2))).values()]).toEqual(Array(2).fill({ status: 'unknown' }))
    expect(batches(double)).toEqual([])
  })

  it('of nothing is nothing', async () => {
    const { double, lookup } = await startWithApps(0)
    expect(await lookup.recheck([])).toEqual(new Map())
    expect(double.seen).toEqual([])
  })
})
