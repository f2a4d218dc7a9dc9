import { describe, expect, it } from 'vitest'
import { appWith, type EndpointDouble, type Mode } from './endpoint-double.ts'
import { IMPATIENT, lookupOn, outcomeOf, startDouble, TOKEN } from './lookup-on.ts'

type Outage = readonly [name: string, begin: (double: EndpointDouble) => unknown, code: string]
const inMode = (mode: Mode, code = 'endpoint-unavailable'): Outage => [
  mode,
  (double) => {
    double.mode = mode
  },
  code,
]

const outages: readonly Outage[] = [
  ['refused', (double) => double.refuse(), 'endpoint-unavailable'],
  inMode('reset'),
  inMode('hanging'),
  inMode('cut-off'),
  inMode('throttled'),
  inMode('broken-inside'),
  inMode('unavailable'),
  inMode('html-404'),
  inMode('gateway-404'),
  inMode('broken-json'),
  inMode('json-array'),
  inMode('another-app'),
  inMode('no-secret'),
  inMode('oversized'),
  inMode('oversized-chunked'),
  inMode('redirect'),
  inMode('no-token', 'token-refused'),
  inMode('wrong-token', 'token-refused'),
]

async function end(double: EndpointDouble) {
  double.mode = 'fine'
  await double.refuse()
  await double.listen()
}

describe('no app is reported as missing, and lookups succeed afterwards', () => {
  it.concurrent.for(outages)('while the endpoint is %s', async ([name, begin, code], test) => {
    const { expect } = test
    const double = await startDouble(test)
    double.apps.set('app-1', appWith())
    double.apps.set('app-2', appWith({ id: 'app-2', key: 'key-2' }))
    double.apps.set('off', appWith({ id: 'off', key: 'key-off', enabled: false }))
    const { lookup, lines, pass } = lookupOn([double], name === 'hanging' ? IMPATIENT : {}, test)
    const app = await lookup.findByKey('key-1')
    await lookup.findByKey('key-off')
    pass(31_000)
    await begin(double)

    const [known, off, unknown] = await Promise.all([
      outcomeOf(lookup.findByKey('key-1')),
      outcomeOf(lookup.findByKey('key-off')),
      outcomeOf(lookup.findByKey('key-2')),
    ])
    expect(known).toBe(app)
    expect([off, unknown]).toEqual([code, code])

    await expect.poll(() => lookup.stats().regions[0]?.state).not.toBe('answering')
    // When the outage is detected, lookups wait for the next probe only.
    expect(await lookup.findByKey('key-1')).toBe(app)
    expect(await outcomeOf(lookup.findByKey('never-seen'))).toBe(code)
    expect(double.lookups().filter(({ path }) => path.includes('never-seen'))).toEqual([])

    await end(double)
    if (code === 'token-refused') return
    const isBack = async () => (await outcomeOf(lookup.findByKey('key-2'))) as object
    await expect.poll(isBack).toMatchObject({ id: 'app-2' })
    expect(JSON.stringify([lines, lookup.stats()])).not.toMatch(
      new RegExp(`${TOKEN}|made-up-secret|key-|app-\\d`),
    )
  })
})

describe('an error of only one app', () => {
  it.each<[Mode, string, 'probed' | 'not probed']>([
    ['malformed', 'app-broken', 'not probed'],
    ['not-unique', 'app-broken', 'not probed'],
    ['bad-request', 'request-refused', 'not probed'],
    ['broken-inside', 'endpoint-unavailable', 'probed'],
    ['wrong-token', 'token-refused', 'probed'],
    ['reset', 'endpoint-unavailable', 'probed'],
  ])('(%s) does not change the region of other apps', async (mode, code, health) => {
    const double = await startDouble()
    double.apps.set('app-1', appWith())
    double.except = ({ path }) => (path.endsWith('/unlucky') ? mode : undefined)
    const { lookup } = lookupOn([double])
    for (let i = 0; i < 20; i += 1) expect(await outcomeOf(lookup.findByKey('unlucky'))).toBe(code)
    // Three attempts, each perhaps once more because an idle connection was cut.
    expect(double.lookups().length).toBeLessThanOrEqual(6)
    const probes = () => double.seen.length - double.lookups().length
    if (health === 'probed') await expect.poll(probes).toBeGreaterThan(0)
    else expect(probes()).toBe(0)
    expect(await lookup.findByKey('key-1')).toEqual(appWith())
    expect(lookup.stats().regions[0]).toMatchObject({ state: 'answering', inUse: true })
  })

  it('serves the stale app, unless the request itself was rejected', async () => {
    const double = await startDouble()
    double.apps.set('app-1', appWith())
    const { lookup, pass } = lookupOn([double])
    await lookup.findById('app-1')
    for (const [mode, outcome] of [
      ['malformed', appWith()],
      ['bad-request', 'request-refused'],
      ['broken-inside', appWith()],
    ] as const) {
      pass(31_000)
      double.except = ({ path }) => (path.includes('~') ? undefined : mode)
      expect(await outcomeOf(lookup.findById('app-1'))).toEqual(outcome)
    }
  })
})

describe('an outage', () => {
  it('of a moment has no effect', async () => {
    const double = await startDouble()
    double.apps.set('app-1', appWith())
    let left = 2
    double.except = ({ path }) => (path.includes('key-1') && left-- > 0 ? 'reset' : undefined)
    const { lookup } = lookupOn([double])
    expect(await lookup.findByKey('key-1')).toEqual(appWith())
    expect(double.lookups()).toHaveLength(3)
  })

  it('causes one probe every half second, however many lookups there are', async () => {
    const double = await startDouble()
    const { lookup } = lookupOn([double])
    double.mode = 'broken-inside'
    await outcomeOf(lookup.findByKey('first'))
    await expect.poll(() => lookup.stats().regions[0]?.state).toBe('failing')
    const before = double.seen.length
    const startedAt = performance.now()
    while (performance.now() - startedAt < 1_000)
      await Promise.all(Array.from({ length: 300 }, (_, i) => outcomeOf(lookup.findByKey(`client-${i}`))))
    const seconds = (performance.now() - startedAt) / 1000
    expect(double.lookups().length).toBeLessThanOrEqual(3)
    expect(double.seen.length - before).toBeLessThanOrEqual(seconds * 4 + 1)
  })

  it('ends for waiting lookups as soon as a probe succeeds', async () => {
    const double = await startDouble()
    double.apps.set('app-1', appWith())
    await double.refuse()
    const { lookup } = lookupOn([double])
    await lookup.check()
    const waiting = outcomeOf(lookup.findByKey('key-1'))
    await double.listen()
    // On a busy machine, a probe can be late. Then the client retries, as clients do.
    let found = await waiting
    const isBack = async () => {
      if (found === 'endpoint-unavailable') found = await outcomeOf(lookup.findByKey('key-1'))
      return found
    }
    await expect.poll(isBack).toEqual(appWith())
    expect(double.lookups()).toHaveLength(1)
  })

  it('of an hour is the longest for which apps are served', async () => {
    const double = await startDouble()
    double.apps.set('app-1', appWith())
    const { lookup, pass } = lookupOn([double])
    await lookup.findByKey('key-1')
    await double.refuse()
    pass(3_590_000)
    expect(await lookup.findByKey('key-1')).toEqual(appWith())
    expect(lookup.stats().oldestServedMs).toBeGreaterThanOrEqual(3_590_000)
    pass(20_000)
    expect(await outcomeOf(lookup.findByKey('key-1'))).toBe('endpoint-unavailable')
  })

  it('fails lookups with the time after which to retry', async () => {
    const double = await startDouble()
    double.mode = 'unavailable'
    double.retryAfter = '7'
    const { lookup } = lookupOn([double])
    const error = await lookup.findByKey('key-1').catch((reason: unknown) => reason)
    expect(error).toMatchObject({
      name: 'AppLookupUnavailableError',
      retryAfterMs: expect.closeTo(7_000, -3),
    })
    // The retry would come after the lookup's own deadline.
    expect(double.lookups()).toHaveLength(1)
  })
})
