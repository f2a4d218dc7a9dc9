import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { LookupHints } from '../../adapter/lookup/index.ts'
import { ANY_CHARACTER } from '../support/any-text.ts'
import { appWith } from './endpoint-double.ts'
import { lookupOn, outcomeOf, startDouble } from './lookup-on.ts'

const hostile = [
  '',
  '.',
  '..',
  '../../etc/passwd',
  '%2e%2e%2f',
  'a?b#c',
  'a\r\nx-injected: yes',
  '\u0000',
  '\ud800',
  '__proto__',
  'constructor',
  '{"id":"app-1"}',
  "' OR 1=1 --",
  '💥'.repeat(300),
  'x'.repeat(100_000),
]

describe('names of no known app', () => {
  it('do not affect known apps, not even 10,000 hostile ones at once', async () => {
    const double = await startDouble()
    double.apps.set('app-1', appWith())
    // A busy machine takes longer than usual for so many.
    const { lookup } = lookupOn([double], { attemptTimeoutMs: 60_000, lookupTimeoutMs: 60_000 })
    expect(await lookup.findByKey('key-1')).toEqual(appWith())
    const random = fc.sample(fc.string({ unit: ANY_CHARACTER, maxLength: 40 }), 10_000 - hostile.length)

    const startedAt = performance.now()
    const known: unknown[] = []
    const pending: Promise<unknown>[] = []
    const all = [...random, ...hostile]
    for (let i = 0; i < all.length; i += 100) {
      pending.push(...all.slice(i, i + 100).map((key) => outcomeOf(lookup.findByKey(key))))
      known.push(await outcomeOf(lookup.findByKey('key-1')), await outcomeOf(lookup.findById('app-1')))
    }
    const outcomes = new Set(await Promise.all(pending))
    const seconds = (performance.now() - startedAt) / 1000

    expect(known).toHaveLength(200)
    expect(known.every((app) => app === known[0])).toBe(true)
    expect(outcomes).toEqual(new Set([undefined, 'too-many-unknown']))
    expect(double.lookups().length).toBeLessThanOrEqual(51 + 50 * seconds)
    expect(double.seen.every(({ headers }) => headers['x-injected'] === undefined)).toBe(true)
    expect(lookup.stats()).toMatchObject({ knownApps: 1, regions: [{ state: 'answering', inUse: true }] })
    expect(lookup.stats().negativeResults).toBeLessThanOrEqual(6_000)
  })

  it('are looked up 50 times a second; a rejected one can be retried after a second', async () => {
    const double = await startDouble()
    const { lookup } = lookupOn([double])
    const startedAt = performance.now()
    const errors = await Promise.all(
      Array.from({ length: 200 }, (_, i) =>
        lookup.findByKey(`made-up-${i}`).catch((error: unknown) => error),
      ),
    )
    const seconds = (performance.now() - startedAt) / 1000
    const rejected = errors.filter((error) => error !== undefined)
    for (const error of rejected)
      expect(error).toMatchObject({ code: 'too-many-unknown', retryAfterMs: 1_000 })
    expect(double.seen).toHaveLength(200 - rejected.length)
    expect(double.seen.length).toBeGreaterThanOrEqual(37)
    expect(double.seen.length).toBeLessThanOrEqual(50 * (1 + seconds))
    expect(lookup.stats().lookups.throttled).toBe(rejected.length)
  })

  it('of signed or repeated requests are admitted before others that already wait', async () => {
    const double = await startDouble()
    const { lookup } = lookupOn([double], { unknownLookupsPerSecond: 4 })
    const order: string[] = []
    const find = (name: string, hints?: LookupHints) =>
      outcomeOf(lookup.findById(name, hints)).then((outcome) => {
        if (outcome === undefined) order.push(name)
      })
    const first = Array.from({ length: 4 }, (_, i) => find(`first-${i}`, { isSigned: true }))
    const unsigned = find('unsigned', { isSigned: false })
    const twice = [find('twice'), find('twice')]
    const signed = find('signed', { isSigned: true })
    await Promise.all([...first, unsigned, ...twice, signed])
    expect(order.slice(4, 7)).toEqual(['twice', 'twice', 'signed'])
  })

  it('that are waiting when the lookup is closed reject at once', async () => {
    const double = await startDouble()
    const { lookup } = lookupOn([double], { unknownLookupsPerSecond: 1 })
    const [first, waiting] = [lookup.findById('a'), lookup.findById('b')].map(outcomeOf)
    await first
    const startedAt = performance.now()
    await lookup.close()
    expect(await waiting).toBe('closed')
    expect(performance.now() - startedAt).toBeLessThan(500)
  })

  it('are one lookup for each name', async () => {
    const double = await startDouble()
    const { lookup } = lookupOn([double])
    for (let i = 0; i < 10; i += 1)
      await Promise.all(Array.from({ length: 100 }, () => lookup.findByKey('unknown')))
    expect(double.seen).toHaveLength(1)
  })

  it.each(['reset', 'broken-inside', 'wrong-token', 'html-404', 'throttled'] as const)(
    'for which the endpoint responds %s open no circuit breaker',
    async (mode) => {
      const double = await startDouble()
      double.apps.set('app-1', appWith())
      double.except = ({ body }) => (body.includes('evil') ? mode : undefined)
      const { lookup, lines, pass } = lookupOn([double])
      const app = await lookup.findByKey('key-1')
      const asked = Array.from({ length: 40 }, (_, i) => outcomeOf(lookup.findByKey(`evil/${i}`)))
      expect(new Set(await Promise.all(asked)).size).toBe(1)
      await expect.poll(() => double.seen.length - double.lookups().length).toBeGreaterThan(0)
      pass(31_000)
      expect(await lookup.findByKey('key-1')).toBe(app)
      expect(lookup.stats().regions[0]).toMatchObject({ state: 'answering', inUse: true })
      expect(lines.filter((line) => line.includes('is not answering') || line.includes('refuses'))).toEqual(
        [],
      )
    },
  )
})
