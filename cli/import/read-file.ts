import { parse } from 'csv-parse/sync'
import { Failure } from '../terminal/failure.ts'

/** The formats of import and export. */
export const FORMATS = ['json', 'jsonl', 'csv'] as const

export type Format = (typeof FORMATS)[number]

/** One record of a file and its place there, or why it can't be read. */
export type Row =
  | { readonly place: string; readonly record: unknown; readonly rejected?: undefined }
  | { readonly place: string; readonly rejected: string }

/**
 * The records of a file of apps: soketi's configuration (or its list alone) as JSON, one JSON object per line, or CSV
 * with field names in the header.
 *
 * @param format by default derived from the file's name, then from its text
 * @throws {Failure} when the whole file can't be read; the message never quotes it
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
    return [record === undefined ? { place, rejected: 'is not valid JSON.' } : { place, record }]
  })
}

function readCsv(text: string): readonly Row[] {
  const rejected: Row[] = []
  const header = text.slice(0, text.indexOf('\n'))
  const delimiter = header.includes(';') && !header.includes(',') ? ';' : header.includes('\t') ? '\t' : ','
  const rows = parse<{ record: unknown; info: { lines: number } }>(text, {
    columns: true,
    delimiter,
    info: true,
    on_skip: (error) => {
      const isWidth = error?.code === 'CSV_RECORD_INCONSISTENT_COLUMNS'
      const reason = isWidth
        ? 'does not have the columns of the header.'
        : 'is not valid CSV. Check the quotes.'
      rejected.push({ place: `line ${error?.lines}`, rejected: reason })
      return undefined
    },
    skip_empty_lines: true,
    skip_records_with_error: true,
    trim: true,
  })
  return [...rejected, ...rows.map(({ record, info }) => ({ place: `line ${info.lines}`, record }))]
}

/** The list of apps in a configuration of soketi, or a list without the configuration around it. */
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
    'The file has no list of apps. It must be soketi\'s configuration with "appManager.array.apps", or the list alone.',
  )
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

function parseOr<T>(text: string, fallback: T): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return fallback
  }
}
