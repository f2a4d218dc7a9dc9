import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { anyItem } from '../items/any-item.ts'
import { DIFFERENCES, expectedOf } from '../items/differences.ts'
import { readByLookup, readBySoketi } from '../items/effects.ts'

describe('an item of the table', () => {
  it("is the same app to the lookup and to soketi's own driver, except for the listed differences", () => {
    fc.assert(
      fc.property(anyItem, (item) => {
        expect(readByLookup(item)).toEqual(expectedOf(item))
      }),
      { numRuns: 2000 },
    )
  })

  it.each(DIFFERENCES)('is read differently with $name', ({ example }) => {
    expect(readByLookup(example)).toEqual(expectedOf(example))
    expect(readByLookup(example)).not.toEqual(readBySoketi(example))
  })
})

it('adapter/README.md lists these differences', () => {
  const readme = readFileSync(new URL('../../../adapter/README.md', import.meta.url), 'utf8')
  const [, table = ''] = /\n\| value \|.*\n\|---.*\n((?:\|.*\n)+)/.exec(readme) ?? []
  const names = table.split('\n').flatMap((row) => row.split(' | ')[0]?.slice(2) || [])
  expect(names).toEqual(DIFFERENCES.map(({ name }) => name))
})
