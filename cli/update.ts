import { Option } from 'commander'
import type { App } from '../functions/app.ts'
import type { Item } from '../functions/item.ts'
import type { Change } from './admin-table.ts'
import { askForSecret } from './ask.ts'
import type { AddCommand } from './command.ts'
import { newSecret } from './create.ts'
import { EXIT, Failure } from './failure.ts'
import { type FieldOptions, readFields, withFields } from './field-options.ts'
import { attributeOf, FIELDS } from './fields.ts'
import { findingsOfItem } from './findings.ts'
import { refuseKeyInUse, takeBackIfRivalled } from './key-use.ts'
import { createOutput, formatFacts, type Output, printable } from './output.ts'
import { readApp } from './read-app.ts'
import { openTable, type TableOptions, withTable } from './table-options.ts'
import { encodeApp } from './write-item.ts'

type Common = TableOptions & { readonly json?: boolean }
type UpdateOptions = Common &
  FieldOptions & { readonly key?: string; readonly unset?: readonly (keyof App)[] }

const UNSETTABLE = [...FIELDS.map(({ name }) => name), 'webhooks'] as const

/** `update`: changes what it is told and leaves the rest of the item as it is. */
export const addUpdate: AddCommand = (program, terminal) =>
  withTable(
    withFields(
      program
        .command('update')
        .summary('change an app')
        .description(
          'Changes what the options name and leaves the rest of the item as it is, unknown attributes too.',
        )
        .argument('<id>', 'the id of the app')
        .option('--key <key>', 'a new key; refused if it is in use')
        .addOption(
          new Option('--unset <field...>', "take fields away, so that soketi's default holds").choices(
            UNSETTABLE,
          ),
        ),
    ),
  )
    .addHelpText(
      'after',
      '\nExample:\n  npm run apps -- update 1a2b --max-connections 500 --no-enable-client-messages --unset maxEventPayloadInKb',
    )
    .action(async (id: string, options: UpdateOptions) => {
      const fields = await readFields(options, terminal)
      const remove = (options.unset ?? []).map(attributeOf)
      const set = encodeApp(options.key === undefined ? fields : { key: checkedKey(options.key), ...fields })
      if (Object.keys(set).length + remove.length === 0)
        throw new Failure(
          'There is nothing to change; name a field, for example --max-connections 500.',
          EXIT.usage,
        )
      const both = remove.find((attribute) => Object.hasOwn(set, attribute))
      if (both !== undefined) throw new Failure(`${both} can't be set and unset at once.`, EXIT.usage)

      const table = openTable(options, terminal.stopped)
      const output = createOutput(terminal, options)
      const change = { set, remove }
      if (options.key === undefined) return report(await table.update(id, change), id, change, output)

      const app = { id, key: options.key }
      await refuseKeyInUse(table, app)
      const before = await table.get(id)
      const after = await table.update(id, change)
      if (before && after)
        await takeBackIfRivalled(table, app, () => table.update(id, reverse(change, before)), output)
      report(after, id, change, output)
    })

/** What makes the item again what it was before the change. */
function reverse({ set, remove }: Change, before: Item): Change {
  const names = [...Object.keys(set), ...remove]
  return {
    set: Object.fromEntries(names.flatMap((name) => (before[name] ? [[name, before[name]]] : []))),
    remove: names.filter((name) => !before[name]),
  }
}

/** `enable` and `disable`. */
export const addSwitches: readonly AddCommand[] = ([true, false] as const).map(
  (enabled) => (program, terminal) => {
    const verb = enabled ? 'enable' : 'disable'
    return withTable(
      program
        .command(verb)
        .summary(enabled ? 'let clients connect to an app' : 'let no client connect to an app')
        .description(
          enabled
            ? 'Lets clients connect to the app. A consumer of the lookup sees it within 30 s.'
            : "Lets no client connect to the app; through the adapter open sockets are closed too. soketi still accepts its backends' HTTP requests. A consumer of the lookup sees it within 30 s.",
        )
        .argument('<id>', 'the id of the app'),
    )
      .addHelpText('after', `\nExample:\n  npm run apps -- ${verb} 1a2b`)
      .action(async (id: string, options: Common) => {
        const change = { set: encodeApp({ enabled }), remove: [] }
        const item = await openTable(options, terminal.stopped).update(id, change)
        report(item, id, change, createOutput(terminal, options))
      })
  },
)

/** `rotate-secret`: gives an app a new secret at once. */
export const addRotateSecret: AddCommand = (program, terminal) =>
  withTable(
    program
      .command('rotate-secret')
      .summary('give an app a new secret')
      .description(
        'Gives the app a new secret and shows it, once. What is signed with the old one is refused as soon as soketi has read the new one: change the backends at the same time.',
      )
      .argument('<id>', 'the id of the app')
      .option('--ask-secret', 'take the secret from a prompt or stdin, instead of a new one'),
  )
    .addHelpText('after', '\nExample:\n  npm run apps -- rotate-secret 1a2b')
    .action(async (id: string, options: Common & { readonly askSecret?: boolean }) => {
      const output = createOutput(terminal, options)
      const secret = options.askSecret
        ? await askForSecret('The new secret of the app', terminal)
        : newSecret()
      const item = await openTable(options, terminal.stopped).update(id, {
        set: encodeApp({ secret }),
        remove: [],
      })
      if (!item) throw noSuchApp(id)
      output.result(options.askSecret ? { id } : { id, secret }, () =>
        formatFacts([
          ['id', id],
          ['secret', options.askSecret ? 'as given' : secret],
        ]),
      )
      if (!options.askSecret)
        output.note('The secret is shown only now; show --secret reads it again from the table.')
    })

/** There is no item with this id: said by every command that needs one. */
export function noSuchApp(id: string): Failure {
  return new Failure(`There is no app with the id ${printable(id)}; list shows those that are there.`)
}

function checkedKey(key: string): string {
  return readApp({ id: '-', key, secret: '-' }).app.key
}

function report(item: Item | undefined, id: string, { set, remove }: Change, output: Output): void {
  if (!item) throw noSuchApp(id)
  const changed = [...Object.keys(set), ...remove]
  output.result({ id, changed }, () => `Changed ${changed.join(', ')} of ${printable(id)}.`)
  for (const { level, attribute, text } of findingsOfItem(item))
    if (level === 'error' || changed.includes(attribute)) output.note(`Warning: ${text}`)
}
