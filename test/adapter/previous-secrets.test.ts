import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createPreviousSecrets } from '../../adapter/lookup/cache/previous-secrets.ts'
import { appWith } from './endpoint-double.ts'
import { createCache } from './test-cache.ts'

/** Read at 0, when it was accepted for another 10 s by both clocks. */
const APP = appWith({ previousSecret: 'previous', previousSecretUntil: 1_010 })
const WALL_MS = 1_000_000
const INSTANT = fc.integer({ min: -20_000, max: 20_000 })

function secretsOf(graceMs: number | undefined) {
  const secrets = createPreviousSecrets(100)
  secrets.read(APP, 0, graceMs)
  const at = (now: number, wallNow = WALL_MS + now) => secrets.of(APP, now, wallNow)
  return { ...secrets, at }
}

describe('a previous secret', () => {
  it('is accepted until its time', () => {
    const { at } = secretsOf(10_000)
    expect([at(0), at(9_999), at(10_000)]).toEqual(['previous', 'previous', undefined])
  })

  it('is over as soon as one clock says so, and never accepted again', () => {
    const step = fc.record({ now: INSTANT, wall: INSTANT })
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        const { at, read } = secretsOf(10_000)
        let isOver = false
        for (const { now, wall } of steps) {
          isOver ||= now >= 10_000 || wall >= 10_000
          expect(at(now, WALL_MS + wall)).toBe(isOver ? undefined : 'previous')
          read(APP, Math.max(0, now), 10_000)
        }
      }),
    )
  })

  it('is over at the earliest end that a response gave', () => {
    const { at, read } = secretsOf(10_000)
    read(APP, 0, 5_000)
    read(APP, 4_000, 10_000)
    read(APP, 4_000, undefined)
    expect([at(4_999), at(5_000)]).toEqual(['previous', undefined])
  })

  it('is not accepted if nothing says for how long', () => {
    expect(secretsOf(undefined).at(0)).toBeUndefined()
    expect(secretsOf(Number.NaN).at(0)).toBeUndefined()
  })

  it('is accepted anew with another end, and under its own app only', () => {
    const { at, read, of } = secretsOf(10_000)
    expect(at(10_000)).toBeUndefined()
    const later = appWith({ ...APP, previousSecretUntil: 1_020 })
    read(later, 10_000, 10_000)
    expect(of(later, 15_000, WALL_MS + 15_000)).toBe('previous')
    expect(of(appWith({ ...later, id: 'app-2' }), 15_000, WALL_MS + 15_000)).toBeUndefined()
  })

  it('is over after a restart from a snapshot when it was over before, or would be without the restart', () => {
    const before = createCache()
    before.found('id', { app: APP, readAt: 0, graceMs: 10_000 })
    const restart = () => {
      const after = createCache()
      // As the snapshot does it.
      const readings = before.readings(5_000).map((each) => JSON.parse(JSON.stringify(each)))
      after.load(readings.map(({ graceMs, ...rest }) => ({ ...rest, graceMs: graceMs ?? undefined })))
      // Its wall clock was set back by a day.
      return (now: number) => after.previousSecret(APP.id, now, WALL_MS - 86_400_000)
    }
    const early = restart()
    expect([early(9_999), early(10_000)]).toEqual(['previous', undefined])
    expect(before.previousSecret(APP.id, 1_000, WALL_MS + 20_000)).toBeUndefined()
    expect(restart()(0)).toBeUndefined()
  })
})
