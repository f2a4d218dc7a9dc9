import { isHeartbeat } from '../../functions/apps/heartbeat.ts'
import type { Item } from '../../functions/apps/item.ts'
import { describeHeartbeat } from '../table/heartbeat-item.ts'
import { addTableOptions, openTableToWrite, type TableOptions } from '../table/table-options.ts'
import { createOutput } from '../terminal/command-output.ts'
import { EXIT, Failure } from '../terminal/failure.ts'
import { printable } from '../terminal/format.ts'
import { askToConfirm } from '../terminal/prompt.ts'
import type { AddCommand } from './add-command.ts'
import { noSuchApp } from './update-command.ts'

/** `delete`: deletes an app, or a stack's heartbeat, after a confirmation. */
export const addDelete: AddCommand = (program, terminal) =>
  addTableOptions(
    program
      .command('delete')
      .summary('delete an app')
      .description(
        'Deletes an app after asking for confirmation. This cannot be undone: to keep its id, key and settings, run disable instead. Also deletes the heartbeat item that the change feed of a deleted stack leaves behind.',
      )
      .argument('<id>', 'the id of the app')
      .option('--yes', 'delete without asking for confirmation'),
  )
    .addHelpText('after', '\nExample:\n  npx soketi-apps delete 1a2b')
    .action(
      async (id: string, options: TableOptions & { readonly yes?: boolean; readonly json?: boolean }) => {
        const table = await openTableToWrite(options, terminal)
        const item = await table.get(id)
        if (!item) throw noSuchApp(id)
        const name = describeItem(id, item)
        const question = `Delete ${name} from the table ${options.table}?${isHeartbeat(id) ? HEARTBEAT_WARNING : ''}`
        if (!options.yes && !(await askToConfirm(question, terminal)))
          throw new Failure('Nothing was deleted.', EXIT.failed)
        await table.delete(id)
        const output = createOutput(terminal, options)
        output.result({ id, deleted: true }, () => `Deleted ${name}.`)
        if (isHeartbeat(id)) output.note(HEARTBEAT_NOTE)
      },
    )

function describeItem(id: string, { AppKey }: Item): string {
  return isHeartbeat(id)
    ? describeHeartbeat(id)
    : `the app ${printable(id)} (key ${printable(AppKey?.S ?? 'unknown')})`
}

const HEARTBEAT_WARNING = ' Without it, consumers stop following the change feed.'
const HEARTBEAT_NOTE =
  'A stack whose change feed is on writes its heartbeat again within a minute; after the stack is deleted, the item stays deleted.'
