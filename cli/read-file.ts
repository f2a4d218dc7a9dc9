import { parse } from 'csv-parse/sync'
import { Failure } from './failure.ts'

/** The formats of files with apps. */
export const FORMATS = ['json', 'jsonl', 'csv'] as const

export type Format = (typeof FORMATS)[number]

/** One record of a file and where it stands there, or why it can't be read. */
export type Row =
  | { readonly place: string; readonly record: unknown; readonly refused?: undefined }
  | { readonly place: string; readonly refused: string }

/**
 * The records of a file with apps: soketi's configuration (or its list alone) in JSON, one object a line, or CSV with
 * a head of field names.
 *
 * @param format as the name of the file or its text suggest, when absent
 * @throws {Failure} when the file as a whole can't be read; never quotes it
 */
export function readRows(text: string, path: string, format = guessFormat(text, path)): readonly Row[] {
  const plain = text.replace(/^\uFEFF/, '')
  if (format === 'csv') return readCsv(plain)
  if (format === 'jsonl') return readLines(plain)
  return findApps(parseWhole(plain)).map((record, index) => ({ place: `app ${index + 1}`, record }))
}

function guessFormat(text: string, path: string): Format {
  const extension = /\.(\w+)$/.exec(path)?.[1]?.toLowerCase() ?? ''
  if (extension === 'csv') return 'csv'
  if (extension === 'jsonl' || extension === 'ndjson') return 'jsonl'
  if (extension === 'json') return 'json'
  const first = text.trimStart().charAt(0)
  if (first !== '{' && first !== '[') return 'csv'
  return parseOr(text, undefined) === undefined ? 'jsonl' : 'json'
}

function readLines(text: string): readonly Row[] {
  return text.split('\n').flatMap((line, index) => {
    const place = `line ${index + 1}`
    if (line.trim() === '') return []
    const record = parseOr(line, undefined)
    return [record === undefined ? { place, refused: 'is not JSON.' } : { place, record }]
  })
}

function readCsv(text: string): readonly Row[] {
  const refused: Row[] = []
  const head = text.slice(0, text.indexOf('\n'))
  const delimiter = head.includes(';') && !head.includes(',') ? ';' : head.includes('\t') ? '\t' : ','
  const rows = parse<{ record: unknown; info: { lines: number } }>(text, {
    columns: true,
    delimiter,
    info: true,
    on_skip: (error) => {
      const isWidth = error?.code === 'CSV_RECORD_INCONSISTENT_COLUMNS'
      const reason = isWidth ? 'does not have the columns of the head.' : 'is not CSV; check the quotes.'
      refused.push({ place: `line ${error?.lines}`, refused: reason })
      return undefined
    },
    skip_empty_lines: true,
    skip_records_with_error: true,
    trim: true,
  })
  return [...refused, ...rows.map(({ record, info }) => ({ place: `line ${info.lines}`, record }))]
}

/** The list of apps in what soketi takes as its configuration, or near to it. */
function findApps(config: unknown): readonly unknown[] {
  if (Array.isArray(config)) return config
  const at = (node: unknown, key: string): unknown =>
    typeof node === 'object' && node !== null && Object.hasOwn(node, key)
      ? (node as Record<string, unknown>)[key]
      : undefined
  const lists = [
    at(config, 'appManager.array.apps'),
    at(at(at(config, 'appManager'), 'array'), 'apps'),
    at(config, 'apps'),
  ]
  const list = lists.find(Array.isArray)
  if (list) return list
  if (at(config, 'id') !== undefined || at(config, 'AppId') !== undefined) return [config]
  throw new Failure(
    'The file has no list of apps: it should be soketi\'s configuration with "appManager.array.apps", or the list alone.',
  )
}

function parseWhole(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    // The engine's message quotes the text, which holds secrets.
    const position = /line \d+ column \d+/.exec((error as Error).message)?.[0]
    throw new Failure(
      `The file is not JSON${position ? ` (${position})` : ''}; for one object a line give --format jsonl.`,
    )
  }
}

function parseOr<T>(text: string, fallback: T): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return fallback
  }
}
