import { readFileSync } from 'node:fs'
import { Command } from 'commander'
import type { AddCommand } from './commands/add-command.ts'
import { addCheck } from './commands/check-command.ts'
import { addCreate } from './commands/create-command.ts'
import { addDelete } from './commands/delete-command.ts'
import { addExport } from './commands/export-command.ts'
import { addImport } from './commands/import-command.ts'
import { addLookup } from './commands/lookup-command.ts'
import { addRotateSecret } from './commands/rotate-secret-command.ts'
import { addList, addShow } from './commands/show-command.ts'
import { addTable } from './commands/table-command.ts'
import { addToken } from './commands/token-command.ts'
import { addEnableAndDisable, addUpdate } from './commands/update-command.ts'
import { explainError } from './table/explain-error.ts'
import { EXIT, type ExitCode } from './terminal/failure.ts'
import type { Terminal } from './terminal/terminal.ts'

const VERSION: string = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')).version

const ABOUT = `Manages soketi's apps in DynamoDB with your own AWS credentials.

With --json, every command writes one JSON document to stdout. Secrets are read from a prompt or stdin, and printed only on request. Change a global table in one region only: DynamoDB checks whether an id is in use per region.`

const EXIT_CODES = `
Exit codes: 0 done; 1 failed, rejected an app or found an error; 2 wrong usage; 130 stopped by Ctrl-C.
Help for a command: npx soketi-apps <command> --help`

/**
 * Runs one command of `npx soketi-apps` and resolves to its exit code; never rejects.
 *
 * @param args without Node's path and the script's
 */
export async function runApps(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  let exitCode: ExitCode = EXIT.ok
  let action: Command | undefined
  const program = new Command('soketi-apps')
    .version(VERSION, '--version', 'print the version')
    .usage('<command> [options]')
    .description(ABOUT)
    .addHelpText('after', EXIT_CODES)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.stdout.write(text),
      writeErr: (text) => terminal.stderr.write(text),
      // The value of an unknown option may be a secret.
      outputError: (text, write) => write(text.replace(/=.*'/, "=…'").replace(/^error: /, '')),
    })
    .showHelpAfterError('For help, add --help.')
    .configureHelp({ showGlobalOptions: false })
    .hook('preAction', (_, command) => {
      action = command
    })
  for (const add of COMMANDS) {
    const command = add(program, terminal)
    for (const leaf of command.commands.length > 0 ? command.commands : [command])
      leaf.option('--json', 'write the result as JSON')
  }
  try {
    await program.parseAsync(args, { from: 'user' })
  } catch (error) {
    const explained = explainError(error, action?.opts() ?? {}, terminal.stopped)
    exitCode = explained.exitCode
    if (explained.message) terminal.stderr.write(`${explained.message}\n`)
  }
  return exitCode
}

const COMMANDS: readonly AddCommand[] = [
  addCreate,
  addList,
  addShow,
  addUpdate,
  ...addEnableAndDisable,
  addRotateSecret,
  addDelete,
  addImport,
  addExport,
  addCheck,
  addLookup,
  addToken,
  addTable,
]
