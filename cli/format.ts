import { styleText } from 'node:util'
import Table from 'cli-table3'

/** The value of a cell; `undefined` is shown as a dash. */
export type Cell = string | number | boolean | undefined

/** Rows under a header. Control characters in a cell are escaped. */
export function formatTable(header: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const head = header.map((name) => styleText('bold', name))
  const table = new Table({ chars: NO_BORDERS, style: STYLE, head })
  for (const row of rows) table.push(row.map(formatCell))
  return trimLines(table.toString())
}

/** One name and value per line. */
export function formatDetails(details: readonly (readonly [string, Cell])[]): string {
  const table = new Table({ chars: NO_BORDERS, style: STYLE })
  for (const [name, value] of details) table.push([name, formatCell(value)])
  return trimLines(table.toString())
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

/** `1 app`, `2 apps`. */
export function pluralize(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}

// The padding at the end of a line is invisible, but copied text would include it.
function trimLines(text: string): string {
  return text.replace(/ +$/gm, '')
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

const STYLE = { head: [], border: [], 'padding-left': 0, 'padding-right': 2 }
const NO_BORDERS = Object.fromEntries(
  [
    ['top', 'top-mid', 'top-left', 'top-right', 'bottom', 'bottom-mid', 'bottom-left', 'bottom-right'],
    ['left', 'left-mid', 'mid', 'mid-mid', 'right', 'right-mid', 'middle'],
  ]
    .flat()
    .map((name) => [name, '']),
)
