import { parseOr } from '../app/parse-json.ts'
import { Failure } from '../terminal/failure.ts'
import { findApps } from './find-apps.ts'
import { readCsv } from './read-csv.ts'
import type { Row } from './row.ts'

/** The formats of import and export. */
export const FORMATS = ['json', 'jsonl', 'csv'] as const

export type Format = (typeof FORMATS)[number]

/**
 * The records of a file of apps: JSON with apps anywhere in it ({@link findApps}), one JSON document per line, or CSV
 * with names of fields in the header.
 *
 * @param format by default derived from the file's name and its text
 * @throws {Failure} when the whole file can't be read; the message never quotes it
 */
export function readRows(text: string, path: string, format = guessFormat(text, path)): readonly Row[] {
  const plain = text.replace(/^\uFEFF/, '')
  if (format === 'csv') return readCsv(plain)
  if (format === 'jsonl') return readLines(plain)
  return readDocument(plain)
}

function guessFormat(text: string, path: string): Format {
  const extension = /\.(\w+)$/.exec(path.replace(/\.gz$/, ''))?.[1]?.toLowerCase() ?? ''
  if (extension === 'csv' || extension === 'tsv') return 'csv'
  if (extension === 'jsonl' || extension === 'ndjson') return 'jsonl'
  const plain = text.trimStart()
  if (extension !== 'json' && !/^[[{]/.test(plain)) return 'csv'
  // An export of DynamoDB to S3 is a .json file with one document per line.
  const [first = '', second = ''] = plain.split('\n')
  return second.trim() !== '' && parseOr(first, undefined) !== undefined ? 'jsonl' : 'json'
}

function readLines(text: string): readonly Row[] {
  return text.split('\n').flatMap((line, index): Row[] => {
    const place = `line ${index + 1}`
    if (line.trim() === '') return []
    const document = parseOr(line, undefined)
    if (document === undefined) return [{ place, rejected: 'is not valid JSON.' }]
    const found = findApps(document)
    if (found.length <= 1) return [{ place, record: found[0] ? found[0].record : document }]
    return found.map((app) => ({ ...app, place: `${place}, ${app.place}` }))
  })
}

function readDocument(text: string): readonly Row[] {
  const document = parseWhole(text)
  const found = findApps(document)
  if (found.length > 0 || hasEmptyList(document)) return found
  throw new Failure(
    'The file has no apps: no object in it has an id and a key or secret. import --help lists what it can be.',
  )
}

function hasEmptyList(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  return Array.isArray(value) && value.length === 0 ? true : Object.values(value).some(hasEmptyList)
}

function parseWhole(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    // The engine's message quotes the text, which contains secrets.
    const position = /line \d+ column \d+/.exec((error as Error).message)?.[0]
    throw new Failure(
      `The file is not valid JSON${position ? ` (${position})` : ''}. If it has one object per line, add --format jsonl.`,
    )
  }
}
