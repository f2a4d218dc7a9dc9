import type { Terminal } from './terminal.ts'

/** Where a command writes its result and its notes. */
export type Output = {
  /** Writes the result to stdout: `value` as JSON with `--json`, otherwise the text. */
  result(value: unknown, text: () => string): void
  /** Writes a sentence to stderr. */
  note(sentence: string): void
}

/**
 * Creates the output of a command.
 *
 * @param options with `json`, a command writes exactly one JSON document to stdout
 */
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
