import { type App, viewApp } from '../functions/app.ts'
import { decodeItem, type Item } from '../functions/item.ts'
import type { AddCommand } from './command.ts'
import { EXIT, Failure } from './failure.ts'
import { FIELDS } from './fields.ts'
import { findingsOfItem } from './findings.ts'
import { counted, createOutput, formatFacts, formatName, formatTable, printable } from './output.ts'
import { explainMalformed } from './read-app.ts'
import { openTable, type TableOptions, withTable } from './table-options.ts'
import { noSuchApp } from './update.ts'
import { ATTRIBUTES } from './write-item.ts'

type ShowOptions = TableOptions & {
  readonly key?: string
  readonly secret?: boolean
  readonly json?: boolean
}
type ListOptions = TableOptions & { readonly search?: string; readonly json?: boolean }

/** `show`: one app with everything about it, its secret only on request. */
export const addShow: AddCommand = (program, terminal) =>
  withTable(
    program
      .command('show')
      .summary('show an app')
      .description(
        "Shows one app and what is odd about it. Its secret, its webhooks' headers and their AWS options are hidden unless asked for.",
      )
      .argument('[id]', 'the id of the app')
      .option('--key <key>', 'find it by its key instead')
      .option('--secret', 'show what is hidden'),
  )
    .addHelpText('after', '\nExample:\n  npm run apps -- show --key 7c9d --secret')
    .action(async (given: string | undefined, options: ShowOptions) => {
      if ((given === undefined) === (options.key === undefined))
        throw new Failure('Give the id of an app, or its key with --key, and not both.', EXIT.usage)
      const table = openTable(options, terminal.stopped)
      const ids = given === undefined ? await table.idsOfKey(options.key ?? '') : [given]
      if (ids.length > 1)
        throw new Failure(
          `${ids.length} apps have this key: ${ids.map((id) => printable(id)).join(', ')}. Give one of them another with update --key.`,
        )
      const [id] = ids
      if (id === undefined)
        throw new Failure('There is no app with this key; list shows those that are there.')
      const item = await table.get(id)
      if (!item) throw noSuchApp(id)

      const app = viewApp(decodeOrExplain(item, id), options.secret ? 'full' : 'public')
      const otherAttributes = Object.keys(item).filter((name) => !ATTRIBUTES.includes(name))
      const findings = findingsOfItem(item)
      const output = createOutput(terminal, options)
      output.result({ app, otherAttributes, findings }, () => formatFacts(factsOf(app, otherAttributes)))
      for (const { text } of findings) output.note(`Warning: ${text}`)
    })

/** `list`: every app of the table, a line each. */
export const addList: AddCommand = (program, terminal) =>
  withTable(
    program
      .command('list')
      .summary('list the apps')
      .description('Lists every app of the table by id, without secrets. Reads the whole table.')
      .option('--search <text>', 'only apps with this text in their id or key'),
  )
    .addHelpText('after', '\nExample:\n  npm run apps -- list --search shop')
    .action(async ({ search = '', ...options }: ListOptions) => {
      const items = await openTable(options, terminal.stopped).all()
      const entries = items
        .map(entryOf)
        .filter(({ id, key }) => id.includes(search) || key?.includes(search))
        .sort((a, b) => (a.id < b.id ? -1 : 1))
      const output = createOutput(terminal, options)
      output.result(
        entries.map(({ id, key, app, malformed }) => app ?? { id, key, malformed }),
        () =>
          formatTable(
            ['id', 'key', 'enabled', 'connections', 'webhooks', ''],
            entries.map(({ id, key, app, malformed }) => [
              formatName(id),
              formatName(key),
              app?.enabled,
              app?.maxConnections === -1 ? 'unlimited' : app?.maxConnections,
              app?.webhooks?.length,
              malformed ?? '',
            ]),
          ),
      )
      output.note(`${counted(entries.length, 'app')} in the table ${options.table}.`)
    })

type Entry = {
  readonly id: string
  readonly key?: string
  readonly app?: Partial<App>
  readonly malformed?: string
}

function entryOf(item: Item): Entry {
  const id = item.AppId?.S ?? ''
  const key = item.AppKey?.S
  try {
    return { id, ...(key !== undefined && { key }), app: viewApp(decodeItem(item), 'public') }
  } catch (error) {
    return { id, ...(key !== undefined && { key }), malformed: explainMalformed(error) }
  }
}

function decodeOrExplain(item: Item, id: string): App {
  try {
    return decodeItem(item)
  } catch (error) {
    throw new Failure(
      `The item ${printable(id)} can't be an app: ${explainMalformed(error)} Correct it with update or rotate-secret, or delete it.`,
    )
  }
}

function factsOf(app: Partial<App>, otherAttributes: readonly string[]) {
  return [
    ['id', app.id],
    ['key', app.key],
    ['secret', app.secret ?? 'hidden, --secret shows it'],
    ...FIELDS.flatMap(({ name }) => (app[name] === undefined ? [] : [[name, app[name]] as const])),
    ['webhooks', app.webhooks?.map((webhook) => JSON.stringify(webhook)).join('\n') || 'none'],
    ...(otherAttributes.length > 0 ? [['not soketi’s', otherAttributes.join(', ')] as const] : []),
  ] as const
}
