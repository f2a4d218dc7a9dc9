import { styleText } from 'node:util'
import Table from 'cli-table3'
import type { Terminal } from './terminal.ts'

/** Where a command says what came of it. */
export type Output = {
  /** The command's result on stdout: `value` as JSON for a program, or the text for a person. */
  result(value: unknown, text: () => string): void
  /** A sentence on stderr, for whoever is watching. */
  note(sentence: string): void
}

/** @param options `json`: results are for a program, one JSON document a command. */
export function createOutput(terminal: Terminal, { json }: { readonly json?: boolean }): Output {
  return {
    result(value, text) {
      terminal.stdout.write(`${json ? JSON.stringify(value, null, 2) : text()}\n`)
    },
    note(sentence) {
      terminal.stderr.write(`${sentence}\n`)
    },
  }
}

export type Cell = string | number | boolean | undefined

/** Rows under a head, for a terminal. Control characters of what a table holds are shown, never sent. */
export function formatTable(head: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const table = new Table({ chars: PLAIN, style: STYLE, head: head.map((name) => styleText('bold', name)) })
  for (const row of rows) table.push(row.map(show))
  return trimLines(table.toString())
}

/** One name and value a line. */
export function formatFacts(facts: readonly (readonly [string, Cell])[]): string {
  const table = new Table({ chars: PLAIN, style: STYLE })
  for (const [name, value] of facts) table.push([name, show(value)])
  return trimLines(table.toString())
}

/** An id or key in a column of its own. */
export function formatName(name: string | undefined): string | undefined {
  return name === undefined ? undefined : printable(name, 40)
}

/** Foreign text as it can be shown: cut, and its control and invisible characters written out. */
export function printable(text: string, maxLength = 128): string {
  const shown = text.length > maxLength ? `${text.slice(0, maxLength)}…` : text
  return shown
    .toWellFormed()
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`)
}

/** `1 app`, `2 apps`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}

// Padding that nobody sees would still be copied.
function trimLines(text: string): string {
  return text.replace(/ +$/gm, '')
}

function show(cell: Cell): string {
  if (cell === undefined) return '–'
  if (typeof cell === 'boolean') return cell ? 'yes' : 'no'
  return cell
    .toString()
    .split('\n')
    .map((line) => printable(line, 400))
    .join('\n')
}

const STYLE = { head: [], border: [], 'padding-left': 0, 'padding-right': 2 }
const PLAIN = Object.fromEntries(
  [
    ['top', 'top-mid', 'top-left', 'top-right', 'bottom', 'bottom-mid', 'bottom-left', 'bottom-right'],
    ['left', 'left-mid', 'mid', 'mid-mid', 'right', 'right-mid', 'middle'],
  ]
    .flat()
    .map((name) => [name, '']),
)
