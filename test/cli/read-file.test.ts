import { describe, expect, it } from 'vitest'
import { readRows } from '../../cli/import/read-file.ts'

const APP = { id: 'a', key: 'k' }
const LIST = [APP, { id: 'b', key: 'l' }]
const records = (text: string, path = '-') =>
  readRows(text, path).map((row) => ('record' in row ? row.record : row.rejected))

describe('a file with apps', () => {
  it.each([
    ["soketi's configuration", JSON.stringify({ debug: true, 'appManager.array.apps': LIST })],
    ["soketi's configuration, nested", JSON.stringify({ appManager: { array: { apps: LIST } } })],
    ['the list alone', JSON.stringify(LIST, null, 2)],
    ['JSON lines', LIST.map((app) => JSON.stringify(app)).join('\n')],
    ['JSON lines of Windows', `\uFEFF${LIST.map((app) => JSON.stringify(app)).join('\r\n')}\r\n`],
    ['CSV', 'id,key\na,k\nb,l\n'],
    ['CSV of a spreadsheet', '\uFEFFid;key\r\na;k\r\n"b";l\r\n'],
  ])('is read as %s', (_, text) => {
    expect(records(text)).toEqual(LIST)
  })

  it('is one app when it is one object', () => {
    expect(records(JSON.stringify(APP))).toEqual([APP])
  })

  it('gives the place of each record', () => {
    expect(readRows('id,key\n\na,k\n"b\nb",l\n', 'x.csv').map(({ place }) => place)).toEqual([
      'line 3',
      'line 5',
    ])
    expect(readRows(`${JSON.stringify(APP)}\n\n{}\n`, 'x.jsonl').map(({ place }) => place)).toEqual([
      'line 1',
      'line 3',
    ])
  })

  it('rejects an invalid line, and reads the others', () => {
    expect(records('{"id":"a","key":"k"}\n{"secret":"hidden\n', 'x.jsonl')).toEqual([
      APP,
      'is not valid JSON.',
    ])
    expect(records('id,key\na,k,hidden\na,k\n', 'x.csv')).toEqual([
      'does not have the columns of the header.',
      APP,
    ])
    expect(records('id,key\na,"hidden', 'x.csv')).toEqual(['is not valid CSV. Check the quotes.'])
  })

  it.each([
    ['{"secret": "hidden",\n oops', 'x.json', /^The file is not valid JSON \(line 2 column 2\)/],
    ['{"apps": 7, "secret": "hidden"}', 'x.json', /has no list of apps/],
  ])('that is invalid as a whole is rejected without quoting it', (text, path, message) => {
    expect(() => readRows(text, path)).toThrow(message)
    expect(() => readRows(text, path)).not.toThrow(/hidden/)
  })
})
