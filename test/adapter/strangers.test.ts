import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
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

describe('strangers', () => {
  it('who open 10,000 connections with hostile keys disturb no known app', async () => {
    const double = await startDouble()
    double.apps.set('app-1', appWith())
    const { lookup } = lookupOn([double])
    expect(await lookup.findByKey('key-1')).toEqual(appWith())
    const random = fc.sample(fc.string({ unit: 'binary', maxLength: 40 }), 10_000 - hostile.length)

    const startedAt = performance.now()
    const outcomes = new Set<unknown>()
    const known: unknown[] = []
    const all = [...random, ...hostile]
    for (let i = 0; i < all.length; i += 100) {
      const strangers = all.slice(i, i + 100).map((key) => outcomeOf(lookup.findByKey(key)))
      known.push(await outcomeOf(lookup.findByKey('key-1')), await outcomeOf(lookup.findById('app-1')))
      for (const outcome of await Promise.all(strangers)) outcomes.add(outcome)
    }
    const seconds = (performance.now() - startedAt) / 1000

    expect(known).toHaveLength(200)
    expect(known.every((app) => app === known[0])).toBe(true)
    expect(outcomes).toEqual(new Set([undefined, 'too-many-unknown']))
    expect(double.lookups().length).toBeLessThanOrEqual(51 + 50 * seconds)
    expect(double.seen.every(({ headers }) => headers['x-injected'] === undefined)).toBe(true)
    expect(lookup.stats()).toMatchObject({ knownApps: 1, regions: [{ state: 'answering', inUse: true }] })
    expect(lookup.stats().rememberedMisses).toBeLessThanOrEqual(2_000)
  })

  it('are asked for 50 times a second, and told to come back after a second', async () => {
    const double = await startDouble()
    let now = 1_000_000
    const { lookup } = lookupOn([double], { clock: () => now })
    const ask = async (prefix: string) => {
      const asked = Array.from({ length: 200 }, (_, i) => outcomeOf(lookup.findByKey(`${prefix}-${i}`)))
      return (await Promise.all(asked)).filter((outcome) => outcome === undefined).length
    }
    expect(await ask('first')).toBe(50)
    const error = await lookup.findByKey('one-more').catch((reason: unknown) => reason)
    expect(error).toMatchObject({ code: 'too-many-unknown', retryAfterMs: 1_000 })
    expect(lookup.stats().lookups.throttled).toBe(151)
    now += 500
    expect(await ask('second')).toBe(25)
    now += 60_000
    expect(await ask('third')).toBe(50)
    expect(double.seen).toHaveLength(125)
  })

  it('who use one unknown key are one lookup', async () => {
    const double = await startDouble()
    const { lookup } = lookupOn([double])
    for (let i = 0; i < 10; i += 1)
      await Promise.all(Array.from({ length: 100 }, () => lookup.findByKey('unknown')))
    expect(double.seen).toHaveLength(1)
  })

  it.each(['reset', 'broken-inside', 'wrong-token', 'html-404', 'throttled'] as const)(
    'whose keys make the endpoint answer %s open no breaker',
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
