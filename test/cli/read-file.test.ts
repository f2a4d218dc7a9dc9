import { describe, expect, it } from 'vitest'
import { readRows } from '../../cli/import/read-file.ts'

const APP = { id: 'a', key: 'k' }
const LIST = [APP, { id: 'b', key: 'l' }]
const records = (text: string, path = '-') =>
  readRows(text, path).map((row) => ('record' in row ? row.record : row.rejected))

describe('a file with apps', () => {
  it.each([
    ["soketi's configuration", JSON.stringify({ debug: true, 'appManager.array.apps': LIST })],
    [
      "soketi's configuration in another form",
      JSON.stringify({ appManager: { driver: 'array', apps: LIST } }),
    ],
    ["soketi's configuration, nested", JSON.stringify({ appManager: { array: { apps: LIST } } })],
    ['the list alone', JSON.stringify(LIST, null, 2)],
    ['JSON lines in a .json file', LIST.map((app) => JSON.stringify(app)).join('\n'), 'data.json'],
    ['JSON lines', LIST.map((app) => JSON.stringify(app)).join('\n')],
    ['JSON lines of Windows', `\uFEFF${LIST.map((app) => JSON.stringify(app)).join('\r\n')}\r\n`],
    ['CSV', 'id,key\na,k\nb,l\n'],
    ['CSV of a spreadsheet', '\uFEFFid;key\r\na;k\r\n"b";l\r\n'],
    ['CSV of MySQL, with tabs', 'id\tkey\na\tk\nb\tl\n'],
  ])('is read as %s', (_, text, path = '-') => {
    expect(records(text, path)).toEqual(LIST)
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

  it('names the list of each record, and counts the broken ones', () => {
    const requests = [{ PutRequest: { Item: APP } }, { DeleteRequest: {} }, 7]
    expect(readRows(JSON.stringify({ apps: requests, Items: [APP] }), 'x.json')).toEqual([
      { place: 'app 1 in apps', record: APP },
      { place: 'app 2 in apps', record: { DeleteRequest: {} } },
      { place: 'app 3 in apps', record: 7 },
      { place: 'app 1 in Items', record: APP },
    ])
  })

  it('rejects an invalid line, and reads the others', () => {
    expect(records('{"id":"a","key":"k"}\n{"secret":"hidden\n', 'x.jsonl')).toEqual([
      APP,
      'is not valid JSON.',
    ])
    expect(records('id,key\na,k,hidden\na,k\n', 'x.csv')).toEqual([
      'has 3 columns, but the header has 2.',
      APP,
    ])
  })

  it.each([
    [
      'a quote that is never closed',
      'id,key\na,k\n\na,"hidden\na,k\na,k\n',
      /^opens a quote .* never closed/,
    ],
    ['a quote that is closed in another line', 'id,key\na,k\n\na,"hidden\na,"k"\na,k\n', /does not enclose/],
    [
      'a quote inside a value',
      'id,key\na,k\n\na,hid"den\na,k\n"a",k\n',
      /Write a quote inside a value twice/,
    ],
  ])('has one broken line for %s, and reads the others', (_, text, reason) => {
    const rows = readRows(text, 'x.csv')
    expect(rows.map(({ place }) => place)).toEqual(['line 2', 'line 4', 'line 5', 'line 6'])
    expect(rows[1]?.rejected).toMatch(reason)
    expect(rows.filter(({ rejected }) => rejected === undefined)).toHaveLength(3)
  })

  it.each([
    ['{"secret": "hidden",\n oops', 'x.json', /^The file is not valid JSON \(line 2 column 2\)/],
    ['{"apps": 7, "secret": "hidden"}', 'x.json', /has no apps: no object .* has an id/],
    ['7;hidden\n8;hidden\n', 'x.csv', /first line of the CSV must have the names/],
  ])('that is invalid as a whole is rejected without quoting it', (text, path, message) => {
    expect(() => readRows(text, path)).toThrow(message)
    expect(() => readRows(text, path)).not.toThrow(/hidden/)
  })
})
