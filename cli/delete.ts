import { askToConfirm } from './ask.ts'
import type { AddCommand } from './command.ts'
import { EXIT, Failure } from './failure.ts'
import { createOutput, printable } from './output.ts'
import { openTable, type TableOptions, withTable } from './table-options.ts'
import { noSuchApp } from './update.ts'

/** `delete`: takes an app away for good, after asking. */
export const addDelete: AddCommand = (program, terminal) =>
  withTable(
    program
      .command('delete')
      .summary('delete an app')
      .description(
        'Deletes the app for good, after asking. To keep its id, key and settings, disable it instead.',
      )
      .argument('<id>', 'the id of the app')
      .option('--yes', 'do not ask, for scripts'),
  )
    .addHelpText('after', '\nExample:\n  npm run apps -- delete 1a2b')
    .action(
      async (id: string, options: TableOptions & { readonly yes?: boolean; readonly json?: boolean }) => {
        const table = openTable(options, terminal.stopped)
        const item = await table.get(id)
        if (!item) throw noSuchApp(id)
        const name = `${printable(id)} (key ${printable(item.AppKey?.S ?? 'unknown')})`
        if (
          !options.yes &&
          !(await askToConfirm(`Delete the app ${name} from the table ${options.table}?`, terminal))
        )
          throw new Failure('Nothing was deleted.', EXIT.failed)
        await table.delete(id)
        createOutput(terminal, options).result({ id, deleted: true }, () => `Deleted ${name}.`)
      },
    )
