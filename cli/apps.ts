// The entry point of `npx soketi-apps`: runs one command with the arguments of this process.
import { runApps } from './program.ts'
import { processTerminal } from './terminal/terminal.ts'

process.exitCode = await runApps(process.argv.slice(2), processTerminal())
