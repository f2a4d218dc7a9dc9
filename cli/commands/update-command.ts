import { Option } from 'commander'
import type { App } from '../../functions/apps/app.ts'
import type { Item } from '../../functions/apps/item.ts'
import { attributeOf } from '../../functions/apps/spellings.ts'
import { type Change, changeOf } from '../app/encode-app.ts'
import { FIELDS } from '../app/fields.ts'
import { findingsOfItem } from '../app/findings.ts'
import { readApp } from '../app/read-app.ts'
import { addTableOptions, openTableToWrite, type TableOptions } from '../table/table-options.ts'
import { rejectKeyInUse, revertOnKeyConflict } from '../table/unique-key.ts'
import { createOutput, type Output } from '../terminal/command-output.ts'
import { EXIT, Failure } from '../terminal/failure.ts'
import { printable } from '../terminal/format.ts'
import { askToConfirm } from '../terminal/prompt.ts'
import type { Terminal } from '../terminal/terminal.ts'
import type { AddCommand } from './add-command.ts'
import { addFieldOptions, type FieldOptions, readFields } from './field-options.ts'

type CommonOptions = TableOptions & { readonly json?: boolean }
type UpdateOptions = CommonOptions &
  FieldOptions & { readonly key?: string; readonly unset?: readonly (keyof App)[] }

const UNSETTABLE = [...FIELDS.map(({ name }) => name), 'webhooks'] as const

/** `update`: changes fields of an app. */
export const addUpdate: AddCommand = (program, terminal) =>
  addTableOptions(
    addFieldOptions(
      program
        .command('update')
        .summary('change an app')
        .description(
          'Changes the fields that the options name, and removes other names of these fields (max_connections beside MaxConnections). All other attributes of the item are kept.',
        )
        .argument('<id>', 'the id of the app')
        .option('--key <key>', 'a new key; fails if it is in use')
        .addOption(
          new Option('--unset <field...>', "remove fields, so that soketi's default applies").choices(
            UNSETTABLE,
          ),
        ),
    ),
  )
    .addHelpText(
      'after',
      '\nExample:\n  npx soketi-apps update 1a2b --max-connections 500 --no-enable-client-messages --unset maxEventPayloadInKb',
    )
    .action(async (id: string, options: UpdateOptions) => {
      const { unset = [] } = options
      const key = options.key === undefined ? {} : { key: checkedKey(options.key) }
      const fields = { ...key, ...(await readFields(options, terminal)) }
      const changed = [...Object.keys(fields), ...unset].map((name) => attributeOf(name as keyof App))
      if (changed.length === 0)
        throw new Failure(
          'There is nothing to change. Set a field, for example --max-connections 500.',
          EXIT.usage,
        )
      const both = unset.find((name) => Object.hasOwn(fields, name))
      if (both !== undefined)
        throw new Failure(`${attributeOf(both)} can't be both set and unset.`, EXIT.usage)

      const table = await openTableToWrite(options, terminal)
      const output = createOutput(terminal, options)
      const change = changeOf(fields, unset)
      if (options.key === undefined) return report(await table.update(id, change), id, changed, output)

      const app = { id, key: options.key }
      await rejectKeyInUse(table, app)
      const before = await table.get(id)
      const after = await table.update(id, change)
      if (before && after)
        await revertOnKeyConflict(table, app, () => table.update(id, reverse(change, before)), output)
      report(after, id, changed, output)
    })

/** The change that restores the item. */
function reverse({ set, remove }: Change, before: Item): Change {
  const names = [...Object.keys(set), ...remove]
  return {
    set: Object.fromEntries(names.flatMap((name) => (before[name] ? [[name, before[name]]] : []))),
    remove: names.filter((name) => !before[name]),
  }
}

/** `enable` and `disable`. */
export const addEnableAndDisable: readonly AddCommand[] = ([true, false] as const).map(
  (enabled) => (program, terminal) => {
    const verb = enabled ? 'enable' : 'disable'
    const command = addTableOptions(
      program
        .command(verb)
        .summary(enabled ? 'allow clients to connect to an app' : 'do not allow clients to connect to an app')
        .description(
          enabled
            ? `Allows clients to connect to the app. ${DELAYS}`
            : `Rejects new connections to the app. With the adapter, soketi also closes the open ones, and backends get 403; soketi's own driver keeps them open and accepts backends. ${DELAYS}`,
        )
        .argument('<id>', 'the id of the app'),
    )
    if (!enabled) command.option('--yes', 'disable without asking for confirmation, as in a script')
    return command
      .addHelpText('after', `\nExample:\n  npx soketi-apps ${verb} 1a2b`)
      .action(async (id: string, options: CommonOptions & { readonly yes?: boolean }) => {
        const table = await openTableToWrite(options, terminal)
        if (!enabled && !options.yes && terminal.stdin.isTTY) await confirmDisabling(id, terminal)
        const item = await table.update(id, changeOf({ enabled }))
        report(item, id, ['Enabled'], createOutput(terminal, options))
      })
  },
)

const DELAYS =
  'Nodes see the change within seconds with the change feed. Without it, new connections see it within 30 s, and open ones within 70 s, plus the replication of a global table.'

async function confirmDisabling(id: string, terminal: Terminal): Promise<void> {
  const question = `Disable the app ${printable(id)}? Its clients are disconnected.`
  if (!(await askToConfirm(question, terminal))) throw new Failure('Nothing was changed.', EXIT.failed)
}

/** The failure of every command whose app does not exist. */
export function noSuchApp(id: string): Failure {
  return new Failure(`There is no app with the id ${printable(id)}. To list all apps, run list.`)
}

function checkedKey(key: string): string {
  return readApp({ id: '-', key, secret: '-' }).app.key
}

function report(item: Item | undefined, id: string, changed: readonly string[], output: Output): void {
  if (!item) throw noSuchApp(id)
  output.result({ id, changed }, () => `Changed ${changed.join(', ')} of ${printable(id)}.`)
  for (const { level, attribute, text } of findingsOfItem(item))
    if (level === 'error' || changed.includes(attribute)) output.note(`Warning: ${text}`)
}
