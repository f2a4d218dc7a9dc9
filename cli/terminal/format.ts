import { styleText } from 'node:util'
import stringWidth from 'string-width'

/** The value of a cell; `undefined` is shown as a dash. */
export type Cell = string | number | boolean | undefined

/** Rows under a header. Control characters in a cell are escaped. */
export function formatTable(header: readonly string[], rows: readonly (readonly Cell[])[]): string {
  return alignColumns([
    header.map((name) => styleText('bold', name)),
    ...rows.map((row) => row.map(formatCell)),
  ])
}

/** One name and value per line. */
export function formatDetails(details: readonly (readonly [string, Cell])[]): string {
  return alignColumns(details.map(([name, value]) => [name, formatCell(value)]))
}

/** An id or key, shortened for a column of a table. */
export function formatName(name: string | undefined): string | undefined {
  return name === undefined ? undefined : printable(name, 40)
}

/** Text that is safe to print: shortened, with control and invisible characters escaped. */
export function printable(text: string, maxLength = 128): string {
  const shortened = text.length > maxLength ? `${text.slice(0, maxLength)}…` : text
  return shortened
    .toWellFormed()
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`)
}

/** The first of many names, shortened, and how many more there are: `a, b, c and 9997 more`. */
export function formatNames(names: readonly string[]): string {
  const more = names.length - MAX_NAMES
  const first = names.slice(0, MAX_NAMES).map((name) => printable(name, 40))
  return `${first.join(', ')}${more > 0 ? ` and ${more} more` : ''}`
}

const MAX_NAMES = 3

/** A time in seconds since 1970: `2026-12-01T18:00:00Z`. */
export function formatTime(seconds: number): string {
  const time = new Date(1000 * seconds)
  return Number.isNaN(time.getTime()) ? `${seconds} s after 1970` : time.toISOString().replace('.000', '')
}

/** `1 app`, `2 apps`. */
export function pluralize(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}

/** Pads every column to its widest cell. Takes linear time, unlike cli-table3, which takes seconds for 10,000 rows. */
function alignColumns(rows: readonly (readonly string[])[]): string {
  const lines = rows.flatMap((cells) => linesOf(cells.map((cell) => cell.split('\n'))))
  const widths: number[] = []
  for (const line of lines)
    for (const [column, text] of line.entries())
      widths[column] = Math.max(widths[column] ?? 0, stringWidth(text))
  const pad = (text: string, column: number) => text + ' '.repeat((widths[column] ?? 0) - stringWidth(text))
  return lines.map((line) => line.map(pad).join('  ').trimEnd()).join('\n')
}

/** The lines of a row whose cells can have several. */
function linesOf(cells: readonly (readonly string[])[]): string[][] {
  const height = Math.max(...cells.map(({ length }) => length))
  return Array.from({ length: height }, (_, line) => cells.map((texts) => texts[line] ?? ''))
}

function formatCell(cell: Cell): string {
  if (cell === undefined) return '–'
  if (typeof cell === 'boolean') return cell ? 'yes' : 'no'
  return cell
    .toString()
    .split('\n')
    .map((line) => printable(line, 400))
    .join('\n')
}
