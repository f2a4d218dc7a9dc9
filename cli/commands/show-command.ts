import { type App, viewApp } from '../../functions/apps/app.ts'
import { isHeartbeat } from '../../functions/apps/heartbeat.ts'
import { decodeItem, type Item } from '../../functions/apps/item.ts'
import { ATTRIBUTES } from '../app/encode-app.ts'
import { FIELDS } from '../app/fields.ts'
import { findingsOfItem } from '../app/findings.ts'
import { explainMalformed } from '../app/read-app.ts'
import { appItems, describeHeartbeat } from '../table/heartbeat-item.ts'
import { addTableOptions, openTable, type TableOptions } from '../table/table-options.ts'
import { createOutput } from '../terminal/command-output.ts'
import { EXIT, Failure } from '../terminal/failure.ts'
import {
  formatDetails,
  formatName,
  formatTable,
  formatTime,
  pluralize,
  printable,
} from '../terminal/format.ts'
import type { AddCommand } from './add-command.ts'
import { noSuchApp } from './update-command.ts'

type ShowOptions = TableOptions & {
  readonly key?: string
  readonly secret?: boolean
  readonly json?: boolean
}
type ListOptions = TableOptions & { readonly search?: string; readonly json?: boolean }

/** `show`: prints one app; its secret only on request. */
export const addShow: AddCommand = (program, terminal) =>
  addTableOptions(
    program
      .command('show')
      .summary('show an app')
      .description(
        'Prints one app and its problems, if any. The secret, the headers of webhooks and their AWS options are hidden without --secret.',
      )
      .argument('[id]', 'the id of the app')
      .option('--key <key>', 'find the app by its key')
      .option('--secret', 'print the hidden values too'),
  )
    .addHelpText('after', '\nExample:\n  npx soketi-apps show --key 7c9d --secret')
    .action(async (given: string | undefined, options: ShowOptions) => {
      if ((given === undefined) === (options.key === undefined))
        throw new Failure('Specify either the id of the app, or its key with --key.', EXIT.usage)
      const table = openTable(options, terminal.stopped)
      const ids = given === undefined ? await table.idsOfKey(options.key ?? '') : [given]
      if (ids.length > 1)
        throw new Failure(
          `${ids.length} apps have this key: ${ids.map((id) => printable(id)).join(', ')}. Change one of them with update --key.`,
        )
      const [id] = ids
      if (id === undefined) throw new Failure('There is no app with this key. To list all apps, run list.')
      const item = await table.get(id)
      if (!item) throw noSuchApp(id)
      if (isHeartbeat(id)) throw new Failure(`${printable(id)} is ${describeHeartbeat(id)}, not an app.`)

      const stored = decodeOrExplain(item, id)
      const { previousSecretUntil } = stored
      const app = {
        ...viewApp(stored, options.secret ? 'full' : 'public'),
        ...(previousSecretUntil !== undefined && { previousSecretUntil }),
      }
      const otherAttributes = Object.keys(item).filter((name) => !ATTRIBUTES.has(name))
      const findings = findingsOfItem(item)
      const output = createOutput(terminal, options)
      output.result({ app, otherAttributes, findings }, () => formatDetails(detailsOf(app, otherAttributes)))
      for (const { text } of findings) output.note(`Warning: ${text}`)
    })

/** `list`: prints every app, one per line. */
export const addList: AddCommand = (program, terminal) =>
  addTableOptions(
    program
      .command('list')
      .summary('list the apps')
      .description('Lists every app, sorted by id, without secrets. Reads the whole table.')
      .option('--search <text>', 'only apps whose id or key contains this text'),
  )
    .addHelpText('after', '\nExample:\n  npx soketi-apps list --search shop')
    .action(async ({ search = '', ...options }: ListOptions) => {
      const items = await openTable(options, terminal.stopped).all()
      const entries = appItems(items)
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
      output.note(`${pluralize(entries.length, 'app')} in the table ${options.table}.`)
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
      `The item ${printable(id)} is malformed: ${explainMalformed(error)} Correct it with update or rotate-secret, or delete it.`,
    )
  }
}

function detailsOf(app: Partial<App>, otherAttributes: readonly string[]) {
  return [
    ['id', app.id],
    ['key', app.key],
    ['secret', app.secret ?? HIDDEN],
    ...previousSecretDetailsOf(app),
    ...FIELDS.flatMap(({ name }) => (app[name] === undefined ? [] : [[name, app[name]] as const])),
    ['webhooks', app.webhooks?.map((webhook) => JSON.stringify(webhook)).join('\n') || 'none'],
    ...(otherAttributes.length > 0 ? [['other attributes', otherAttributes.join(', ')] as const] : []),
  ] as const
}

const HIDDEN = 'hidden (add --secret)'

function previousSecretDetailsOf({ previousSecret = HIDDEN, previousSecretUntil }: Partial<App>) {
  if (previousSecretUntil === undefined) return []
  const verb = 1000 * previousSecretUntil > Date.now() ? 'valid until' : 'ended at'
  return [
    ['previous secret', previousSecret],
    ['', `${verb} ${formatTime(previousSecretUntil)}`],
  ] as const
}
