import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createLru } from '../../functions/apps/lru.ts'

describe('the LRU', () => {
  it('keeps the most recently used entries within its limits', () => {
    const key = fc.constantFrom('a', 'b', 'c', 'd', 'e')
    const step = fc.oneof(
      fc.record({ op: fc.constant('set' as const), key, value: fc.integer({ min: 0, max: 6 }) }),
      fc.record({ op: fc.constantFrom('get' as const, 'peek' as const, 'delete' as const), key }),
    )
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        const bounds = { maxEntries: 3, maxBytes: 10 }
        const lru = createLru<number>(bounds, (value) => value)
        // The same cache, as a list from the least to the most recently used.
        let model: { key: string; value: number }[] = []
        for (const step of steps) {
          const entry = model.find((candidate) => candidate.key === step.key)
          const others = model.filter((candidate) => candidate !== entry)
          if (step.op === 'set') {
            lru.set(step.key, step.value)
            model = [...others, { key: step.key, value: step.value }]
            const bytes = () => model.reduce((sum, { key, value }) => sum + key.length + value, 0)
            while (model.length > bounds.maxEntries || bytes() > bounds.maxBytes) model.shift()
          } else if (step.op === 'delete') {
            lru.delete(step.key)
            model = others
          } else {
            expect(lru[step.op](step.key)).toBe(entry?.value)
            if (step.op === 'get' && entry) model = [...others, entry]
          }
        }
        for (const { key, value } of model) expect(lru.peek(key)).toBe(value)
        const held = ['a', 'b', 'c', 'd', 'e'].filter((key) => lru.peek(key) !== undefined)
        expect(held.sort()).toEqual(model.map(({ key }) => key).sort())
      }),
      { numRuns: 1000 },
    )
  })

  it('does not keep a value that is larger than its limit', () => {
    const lru = createLru<string>({ maxEntries: 3, maxBytes: 10 }, (value) => value.length)
    lru.set('a', 'x'.repeat(11))
    expect(lru.get('a')).toBeUndefined()
    lru.set('b', 'x')
    expect(lru.get('b')).toBe('x')
  })
})
