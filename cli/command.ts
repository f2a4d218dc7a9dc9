import type { Command } from 'commander'
import type { Terminal } from './terminal.ts'

/** Adds one command of the CLI to the program; its action throws what `explainError` can tell. */
export type AddCommand = (program: Command, terminal: Terminal) => Command
