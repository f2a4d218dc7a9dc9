// The entry point of `npx soketi-apps`: runs one command with the arguments of this process.
import { useCompileCache } from '../dev/compile-cache.ts'

useCompileCache()
const { runApps } = await import('./program.ts')
const { processTerminal } = await import('./terminal/terminal.ts')
process.exitCode = await runApps(process.argv.slice(2), processTerminal())
