import { stripVTControlCharacters } from 'node:util'
import { describe, expect, it } from 'vitest'
import { formatDetails, formatTable } from '../../cli/terminal/format.ts'

describe('a table', () => {
  it('has columns as wide as their widest cells, without spaces at the ends of lines', () => {
    const table = formatTable(
      ['id', 'enabled', 'reason'],
      [
        ['a', true, undefined],
        ['日本語の名前', false, 'first\nsecond'],
      ],
    )
    expect(stripVTControlCharacters(table).split('\n')).toEqual([
      'id            enabled  reason',
      'a             yes      –',
      '日本語の名前  no       first',
      '                       second',
    ])
  })

  it('can have 50,000 rows', () => {
    const rows = Array.from({ length: 50_000 }, (_, i) => [`app-${i}`, `key-${i}`])
    expect(formatTable(['id', 'key'], rows).split('\n')).toHaveLength(50_001)
  })
})

it('details have their values below each other', () => {
  expect(
    formatDetails([
      ['id', 'a'],
      ['max connections', 5],
    ]),
  ).toBe('id               a\nmax connections  5')
})
