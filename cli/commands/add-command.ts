import type { Command } from 'commander'
import type { Terminal } from '../terminal/terminal.ts'

/** Adds one command to the program. `explainError` turns what its action throws into a message. */
export type AddCommand = (program: Command, terminal: Terminal) => Command
