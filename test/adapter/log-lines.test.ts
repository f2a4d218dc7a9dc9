import { describe, expect, it } from 'vitest'
import { lookupOn, outcomeOf, startDouble } from './lookup-on.ts'

describe('the log', () => {
  it('has the name of each unusable app, escaped and shortened, once a minute', async () => {
    const double = await startDouble()
    double.mode = 'malformed'
    const { lookup, lines, pass } = lookupOn([double])
    const long = `a"\n${'x'.repeat(200)}`
    for (const id of ['app-1', 'app-2', long]) expect(await outcomeOf(lookup.findById(id))).toBe('app-broken')
    expect(lines).toEqual([
      'warn the app with id "app-1" cannot be used: app-malformed; repair its item',
      'warn the app with id "app-2" cannot be used: app-malformed; repair its item',
      `warn the app with id ${JSON.stringify(long.slice(0, 128))} cannot be used: app-malformed; repair its item`,
    ])
    pass(30_000)
    await outcomeOf(lookup.findById('app-1'))
    expect(lines).toHaveLength(3)
    pass(31_000)
    double.mode = 'not-unique'
    await outcomeOf(lookup.findByKey('app-1'))
    await outcomeOf(lookup.findById('app-1'))
    expect(lines.slice(3)).toEqual([
      'warn the app with key "app-1" cannot be used: app-key-not-unique; repair its item',
      'warn the app with id "app-1" cannot be used: app-key-not-unique; repair its item',
    ])
  })
})
