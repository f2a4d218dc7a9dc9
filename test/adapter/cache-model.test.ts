import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { By } from '../../adapter/lookup/endpoint/request.ts'
import { createCache, failureUntil, reading, TIMES } from './test-cache.ts'

/** What was stored in the cache for one id or key. */
type Past = {
  /** The times of the reads that found the app, or that it does not exist. */
  foundAt: number[]
  missedAt: number[]
  /** Not-found answers of the nearest region since the app was last found by a newer read. */
  doubts: number[]
  failedUntil: number
  droppedAt: number
}

const kinds: By[] = ['id', 'key']
const kind = fc.constantFrom(...kinds)
const nth = fc.nat(3)
const ageMs = fc.oneof(fc.constant(0), fc.nat(40_000))
const step = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      op: fc.constant('wait' as const),
      ms: fc.oneof(fc.nat(2_000), fc.nat(40_000), fc.nat(4_000_000)),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      op: fc.constant('found' as const),
      kind,
      nth,
      ageMs,
      enabled: fc.boolean(),
      etag: fc.nat(1),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ op: fc.constant('notFound' as const), kind, nth, ageMs, isNearest: fc.boolean() }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ op: fc.constant('failed' as const), kind, nth, forMs: fc.nat(10_000) }),
  },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('recovered' as const) }) },
)

describe('the cache, for any sequence of events', () => {
  it('meets its guarantees of freshness', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40, size: 'max' }), (steps) => {
        const cache = createCache()
        const pasts = { id: new Map<string, Past>(), key: new Map<string, Past>() }
        const pastOf = (of: By, name: string) => {
          const past = pasts[of].get(name) ?? {
            foundAt: [],
            missedAt: [],
            doubts: [],
            failedUntil: 0,
            droppedAt: Number.NEGATIVE_INFINITY,
          }
          pasts[of].set(name, past)
          return past
        }
        const nameOf = (of: By, n: number) => (of === 'id' ? `app-${n}` : `key-${n}`)
        let now = 10_000_000

        for (const each of steps) {
          if (each.op === 'wait') now += each.ms
          if (each.op === 'recovered') {
            cache.forgetFailures(now)
            for (const past of [...pasts.id.values(), ...pasts.key.values()]) past.failedUntil = 0
          }
          if (each.op === 'failed') {
            cache.failed(each.kind, nameOf(each.kind, each.nth), failureUntil(now + each.forMs, now))
            pastOf(each.kind, nameOf(each.kind, each.nth)).failedUntil = now + each.forMs
          }
          if (each.op === 'found') {
            const fields = { id: nameOf('id', each.nth), key: nameOf('key', each.nth), enabled: each.enabled }
            const readAt = now - each.ageMs
            const kept = cache.found(each.kind, reading(readAt, fields, `"${each.etag}${each.enabled}"`))
            if (kept === undefined) expect(pastOf('id', fields.id).droppedAt).toBeGreaterThan(readAt)
            else expect(kept.readAt).toBeGreaterThanOrEqual(readAt)
            for (const of of kinds) {
              const past = pastOf(of, fields[of])
              past.foundAt.push(readAt)
              if (past.doubts.every((at) => at <= readAt)) past.doubts = []
            }
          }
          if (each.op === 'notFound') checkNotFound(each.kind, nameOf(each.kind, each.nth), each)
          for (const of of kinds) for (let n = 0; n <= 3; n += 1) checkView(of, nameOf(of, n))
        }

        function checkNotFound(of: By, name: string, given: { ageMs: number; isNearest: boolean }) {
          const readAt = now - given.ageMs
          const past = pastOf(of, name)
          past.missedAt.push(readAt)
          if (of === 'key') return cache.keyNotFound(name, readAt)
          const wasServed = cache.staleIfError('id', name, now)
          const { gone } = cache.idNotFound(
            name,
            { readAt, isNearest: given.isNearest, consistent: false },
            now,
          )
          if (gone && wasServed !== undefined) {
            expect(given.isNearest).toBe(true)
            expect(past.doubts.some((at) => at <= readAt - TIMES.confirmMs)).toBe(true)
          }
          if (gone) past.droppedAt = Math.max(past.droppedAt, readAt)
          if (given.isNearest) past.doubts.push(readAt)
        }

        function checkView(of: By, name: string) {
          const view = cache.view(of, name, now)
          const past = pastOf(of, name)
          const stale = cache.staleIfError(of, name, now)
          if (stale !== undefined) {
            expect(stale.app.enabled).toBe(true)
            expect(now - stale.readAt).toBeLessThanOrEqual(TIMES.staleIfErrorMs)
          }
          if ('record' in view) {
            const { app, readAt } = view.record
            expect(app[of]).toBe(name)
            // An older read must not replace a newer one, whether that found the app or not.
            expect(readAt).toBe(Math.max(...pastOf('id', app.id).foundAt))
            expect(readAt).toBeGreaterThanOrEqual(pastOf('id', app.id).droppedAt)
          }
          if (view.state === 'fresh') expect(now - view.record.readAt).toBeLessThan(TIMES.appTtlMs)
          if (view.state === 'expired' || view.state === 'unconfirmed')
            expect(now - view.record.readAt).toBeGreaterThanOrEqual(TIMES.appTtlMs)
          if (view.state === 'missing')
            expect(past.missedAt.some((readAt) => now < readAt + TIMES.negativeCacheTtlMs)).toBe(true)
          if (view.state === 'failed') expect(now).toBeLessThan(past.failedUntil)
        }
      }),
      { numRuns: 300 },
    )
  })

  it('returns the same known apps, whichever unknown names are looked up in between', () => {
    const unknown = fc.record({
      op: fc.constantFrom('notFound' as const, 'failed' as const),
      name: fc.string(),
    })
    const own = fc.record({
      ms: fc.nat(20_000),
      found: fc.boolean(),
      unknownNames: fc.array(unknown, { maxLength: 30 }),
    })
    fc.assert(
      fc.property(fc.array(own, { maxLength: 20 }), (steps) => {
        const caches = [
          createCache({ maxApps: 2, maxNames: 2 }),
          createCache({ maxApps: 2, maxNames: 2 }),
        ] as const
        let now = 0
        for (const { ms, found, unknownNames } of steps) {
          now += ms
          for (const { op, name } of unknownNames)
            if (op === 'notFound') caches[1].keyNotFound(`~${name}`, now)
            else caches[1].failed('key', `~${name}`, failureUntil(now + 1_000, now))
          const views = caches.map((cache) => {
            if (found) cache.found('key', reading(now))
            else cache.idNotFound('app-1', { readAt: now, isNearest: true, consistent: false }, now)
            return cache.view('key', 'key-1', now)
          })
          expect(views[1]).toEqual(views[0])
        }
      }),
    )
  })
})
