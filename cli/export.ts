import { writeFile } from 'node:fs/promises'
import { Option } from 'commander'
import { stringify } from 'csv-stringify/sync'
import { type App, viewApp } from '../functions/app.ts'
import { decodeItem, type Item } from '../functions/item.ts'
import type { AddCommand } from './command.ts'
import { Failure } from './failure.ts'
import { FIELDS } from './fields.ts'
import { counted, createOutput, printable } from './output.ts'
import { explainMalformed } from './read-app.ts'
import { FORMATS, type Format } from './read-file.ts'
import { openTable, type TableOptions, withTable } from './table-options.ts'

type Options = TableOptions & {
  readonly format: Format
  readonly output?: string
  readonly secrets?: boolean
  readonly json?: boolean
}

/** `export`: every app of the table in a format that `import` and soketi's array driver read. */
export const addExport: AddCommand = (program, terminal) =>
  withTable(
    program
      .command('export')
      .summary('write the apps of the table into a file')
      .description(
        "Writes every app, sorted by id, in a format that import takes; json is what soketi's array driver takes as --config. Without --secrets secrets and webhooks' headers are left out, and neither can use it. Attributes that are not soketi's are left out.",
      )
      .addOption(new Option('--format <format>', 'the format').choices(FORMATS).default('json'))
      .option('--output <file>', 'a new file, readable for you alone; else stdout')
      .option('--secrets', 'with secrets: guard the file as you guard them'),
  )
    .addHelpText(
      'after',
      '\nExample:\n  npm run -s apps -- export --secrets --format jsonl --output apps.jsonl',
    )
    .action(async (options: Options) => {
      const items = await openTable(options, terminal.stopped).all()
      const [apps, malformed] = decodeAll(items)
      const views = apps
        .toSorted((a, b) => (a.id < b.id ? -1 : 1))
        .map((app) => viewApp(app, options.secrets ? 'full' : 'public'))
      const text = write(views, options)
      const output = createOutput(terminal, options)
      if (options.output === undefined) terminal.stdout.write(text)
      else {
        await writeFile(options.output, text, { mode: 0o600, flag: 'wx' })
        output.result(
          { file: options.output, apps: apps.length, malformed },
          () => `Wrote ${counted(apps.length, 'app')}.`,
        )
      }
      if (!options.secrets) output.note('Secrets are left out; --secrets writes them.')
      if (malformed.length > 0)
        throw new Failure(
          `${counted(malformed.length, 'item')} left out, because they can't be apps: ${malformed.map(({ id }) => printable(id)).join(', ')}; check says what is wrong with them.`,
        )
    })

function decodeAll(items: readonly Item[]): [App[], { id: string; reason: string }[]] {
  const apps: App[] = []
  const malformed: { id: string; reason: string }[] = []
  for (const item of items)
    try {
      apps.push(decodeItem(item))
    } catch (error) {
      malformed.push({ id: item.AppId?.S ?? '', reason: explainMalformed(error) })
    }
  return [apps, malformed]
}

const COLUMNS = ['id', 'key', 'secret', ...FIELDS.map(({ name }) => name), 'webhooks'] as const

function write(apps: readonly Partial<App>[], { format, secrets }: Options): string {
  // Not under soketi's own name without secrets: it would take its well-known one for each.
  const list = secrets ? 'appManager.array.apps' : 'apps'
  if (format === 'json') return `${JSON.stringify({ [list]: apps }, null, 2)}\n`
  if (format === 'jsonl') return apps.map((app) => `${JSON.stringify(app)}\n`).join('')
  // Quoted, so that reading it does not trim.
  return stringify([COLUMNS, ...apps.map((app) => COLUMNS.map((name) => cell(app[name])))], {
    quoted_match: /^\s|\s$/,
  })
}

function cell(value: App[keyof App]): string {
  if (value === undefined) return ''
  return typeof value === 'string' ? value : JSON.stringify(value)
}
