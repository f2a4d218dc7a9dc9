import { describe, expect, it } from 'vitest'
import { appWith } from './endpoint-double.ts'
import { lookupOn, outcomeOf, startDouble } from './lookup-on.ts'

/** A lookup that knows `app-1`, and how often it has read it again. */
async function lookupThatKnowsOneApp(options = {}) {
  const double = await startDouble()
  double.agesInBatches = true
  double.apps.set('app-1', appWith())
  const { lookup } = lookupOn([double], options)
  await lookup.findById('app-1')
  const reads = () => double.seen.filter(({ body }) => body.includes('"apps":'))
  return { double, lookup, reads }
}

describe('an app that is read again', () => {
  it('is read consistently, although it is fresh', async () => {
    const { double, lookup, reads } = await lookupThatKnowsOneApp()
    double.apps.set('app-1', appWith({ secret: 'new' }))
    expect(await lookup.reread('app-1')).toMatchObject({ secret: 'new' })
    expect(lookup.peek('app-1')).toMatchObject({ secret: 'new' })
    expect(reads().map(({ body }) => JSON.parse(body))).toMatchObject([
      { consistent: true, apps: [{ id: 'app-1' }] },
    ])
  })

  it('is read once for all who wait, and at most once a second', async () => {
    const { lookup, reads } = await lookupThatKnowsOneApp()
    const startedAt = performance.now()
    await Promise.all(Array.from({ length: 100 }, () => lookup.reread('app-1')))
    expect(reads()).toHaveLength(1)
    await Promise.all(Array.from({ length: 100 }, () => lookup.reread('app-1')))
    expect(reads()).toHaveLength(2)
    expect(performance.now() - startedAt).toBeGreaterThan(990)
  })

  it('is read within a rate limit of its own, which leaves unknown apps theirs', async () => {
    const { double, lookup, reads } = await lookupThatKnowsOneApp({ unknownLookupsPerSecond: 5 })
    const ids = Array.from({ length: 50 }, (_, i) => `app-${i + 2}`)
    for (const id of ids) double.apps.set(id, appWith({ id, key: id }))
    await lookup.findByKeys(ids)
    const before = reads().length
    const outcomes = Promise.all(ids.map((id) => outcomeOf(lookup.reread(id))))
    double.apps.set('other', appWith({ id: 'other', key: 'other' }))
    expect(await lookup.findById('other')).toMatchObject({ id: 'other' })
    expect(await outcomes).toContain('too-many-unknown')
    expect(reads().length - before).toBeLessThan(10)
  })

  it('cannot be read if the endpoint fails, and while no region answers, which takes no request', async () => {
    const { double, lookup, reads } = await lookupThatKnowsOneApp()
    double.mode = 'unavailable'
    expect(await outcomeOf(lookup.reread('app-1'))).toBe('endpoint-unavailable')
    await expect.poll(() => lookup.stats().regions[0]?.state).toBe('failing')
    expect(await outcomeOf(lookup.reread('app-1'))).toBe('endpoint-unavailable')
    expect(reads()).toHaveLength(1)
    expect(lookup.peek('app-1')).toMatchObject({ id: 'app-1' })
  })
})
