import { parse } from 'csv-parse/sync'
import { fieldOf } from '../app/record-names.ts'
import { TEXT_FIELDS } from '../app/record-values.ts'
import { Failure } from '../terminal/failure.ts'
import type { Row } from './row.ts'

/**
 * The rows of a CSV file with the names of the columns in its first line, separated by commas, semicolons, tabs or bars.
 *
 * A line that is not valid CSV is one rejected row; reading continues in the next line. `NULL` and `\N`, which databases
 * write for no value, are null unless they are quoted values of a field of text.
 *
 * @throws {Failure} if the first line has no names of columns; it is not quoted, because it may be an app
 */
export function readCsv(text: string): readonly Row[] {
  const [header, ...lines] = parseLines(text)
  const names = header && 'cells' in header ? header.cells.map(({ value }) => value) : []
  const fields = names.map(fieldOf)
  if (!fields.includes('id'))
    throw new Failure(
      'The first line of the CSV must have the names of the columns, and none of them is the id of an app (id, AppId, app_id). Other files must be JSON, see import --help.',
    )
  return lines.map((line) => {
    const place = `line ${line.line}`
    if ('rejected' in line) return { place, rejected: line.rejected }
    if (line.cells.length !== names.length)
      return { place, rejected: `has ${line.cells.length} columns, but the header has ${names.length}.` }
    const record = line.cells.map(({ value, isQuoted }, index) => {
      const field = fields[index]
      const isText = field !== undefined && TEXT_FIELDS.has(field)
      return [names[index], NO_VALUE.has(value) && !(isQuoted && isText) ? null : value]
    })
    return { place, record: Object.fromEntries(record) }
  })
}

const NO_VALUE: ReadonlySet<string> = new Set(['NULL', '\\N'])

type Cell = { readonly value: string; readonly isQuoted: boolean }
type Line = { readonly line: number } & ({ readonly cells: readonly Cell[] } | { readonly rejected: string })

/** The records of the file. The parser stops at its first error, so it is started again in the line after it. */
function parseLines(text: string): readonly Line[] {
  const delimiter = findDelimiter(text)
  const lines: Line[] = []
  for (let rest = text, skipped = 0; rest !== ''; ) {
    let parsed = 0
    try {
      parse(rest, {
        delimiter,
        relax_column_count: true,
        // MySQL's tab-separated output has quotes that quote nothing, in JSON.
        relax_quotes: delimiter === '\t',
        skip_empty_lines: true,
        trim: true,
        cast: (value, { quoting }): Cell => ({ value, isQuoted: quoting }),
        on_record: (record, context) => {
          parsed = context.lines
          // Its type does not know what `cast` returns.
          lines.push({ line: skipped + parsed, cells: record as unknown as Cell[] })
          return null
        },
      })
      return lines
    } catch (error) {
      const after = rest.split('\n').slice(parsed)
      const broken = parsed + after.findIndex((line) => line.trim() !== '') + 1
      lines.push({ line: skipped + broken, rejected: explain(error) })
      rest = rest.split('\n').slice(broken).join('\n')
      skipped += broken
    }
  }
  return lines
}

function explain(error: unknown): string {
  const { code } = error as { code?: string }
  if (code === 'CSV_QUOTE_NOT_CLOSED') return 'opens a quote that is never closed. Add the closing quote.'
  return 'has a quote that does not enclose a whole value. Write a quote inside a value twice, and quote the value.'
}

function findDelimiter(text: string): string {
  const header = text.slice(0, text.indexOf('\n'))
  const count = (delimiter: string) => header.split(delimiter).length
  return [',', ';', '\t', '|'].reduce((best, delimiter) =>
    count(delimiter) > count(best) ? delimiter : best,
  )
}
