import { Command } from 'commander'
import { addCheck } from './check.ts'
import type { AddCommand } from './command.ts'
import { addCreate } from './create.ts'
import { addDelete } from './delete.ts'
import { explainError } from './explain-error.ts'
import { addExport } from './export.ts'
import { EXIT, type ExitCode } from './failure.ts'
import { addImport } from './import.ts'
import { addLookup } from './lookup.ts'
import { addList, addShow } from './show.ts'
import { addTable } from './table.ts'
import type { TableOptions } from './table-options.ts'
import type { Terminal } from './terminal.ts'
import { addToken } from './token.ts'
import { addRotateSecret, addSwitches, addUpdate } from './update.ts'

const ABOUT = `The admin's commands for soketi's table of apps, with your own AWS credentials.

Every command takes --json for one JSON document on stdout; npm itself is silent with: npm run -s apps -- <command>. Secrets come from a prompt or stdin and are shown only on request. Of a global table use one region alone for changes: an id in use is refused within a region.`

const EXIT_CODES = `
Exit codes: 0 done; 1 failed, refused something or found an error; 2 wrongly called; 130 stopped by Ctrl-C.
More about a command: npm run apps -- <command> --help`

/**
 * Runs one command line of `npm run apps --` and resolves to its exit code; never rejects.
 *
 * @param args without the two that start Node
 */
export async function runApps(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  let exitCode: ExitCode = EXIT.ok
  let options: Partial<TableOptions> & { json?: boolean } = {}
  const program = new Command('apps')
    .usage('<command> [options]')
    .description(ABOUT)
    .addHelpText('after', EXIT_CODES)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.stdout.write(text),
      writeErr: (text) => terminal.stderr.write(text),
      // What follows an unknown option may be a secret that belongs elsewhere.
      outputError: (text, write) => write(text.replace(/=.*'/, "=…'").replace(/^error: /, '')),
    })
    .showHelpAfterError('Add --help for how it is used.')
    .configureHelp({ showGlobalOptions: false })
    .hook('preAction', (_, command) => {
      options = command.optsWithGlobals()
    })
  for (const add of COMMANDS) {
    const command = add(program, terminal)
    for (const leaf of command.commands.length > 0 ? command.commands : [command])
      leaf.option('--json', 'the result as JSON, for programs')
  }
  try {
    await program.parseAsync(args, { from: 'user' })
  } catch (error) {
    const explained = explainError(error, options, terminal.stopped)
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
  ...addSwitches,
  addRotateSecret,
  addDelete,
  addImport,
  addExport,
  addCheck,
  addLookup,
  addToken,
  addTable,
]
