import { writeFile } from 'node:fs/promises'
import { Option } from 'commander'
import { stringify } from 'csv-stringify/sync'
import { type App, viewApp } from '../../functions/apps/app.ts'
import { decodeItem, type Item } from '../../functions/apps/item.ts'
import { FIELD_NAMES } from '../../functions/apps/spellings.ts'
import { explainMalformed } from '../app/read-app.ts'
import { FORMATS, type Format } from '../import/read-file.ts'
import { appItems } from '../table/heartbeat-item.ts'
import { addTableOptions, openTable, type TableOptions } from '../table/table-options.ts'
import { createOutput } from '../terminal/command-output.ts'
import { EXIT, Failure } from '../terminal/failure.ts'
import { pluralize, printable } from '../terminal/format.ts'
import type { AddCommand } from './add-command.ts'

type Options = TableOptions & {
  readonly format: Format
  readonly output?: string
  readonly secrets?: boolean
  readonly json?: boolean
}

/** `export`: writes every app of the table in a format that `import` reads. */
export const addExport: AddCommand = (program, terminal) =>
  addTableOptions(
    program
      .command('export')
      .summary('write the apps of the table to a file')
      .description(
        "Writes every app, sorted by id, in a format that import reads. soketi's array driver reads json too (--config). Without --secrets, secrets and the headers of webhooks are left out, and neither import nor soketi can use the file. Attributes that soketi does not know are not exported.",
      )
      .addOption(new Option('--format <format>', 'the format').choices(FORMATS).default('json'))
      .option('--output <file>', 'a new file that only you can read, or - for stdout (the default)')
      .option('--secrets', 'include secrets; protect the file accordingly'),
  )
    .addHelpText('after', '\nExample:\n  npx soketi-apps export --secrets --format jsonl --output apps.jsonl')
    .action(async (options: Options) => {
      const file = options.output === '-' ? undefined : options.output
      if (options.json && file === undefined && options.format !== 'json')
        throw new Failure(
          `With --json, stdout is one JSON document. Write the ${options.format} to a file with --output.`,
          EXIT.usage,
        )
      const items = await openTable(options, terminal.stopped).all()
      const { apps, malformed } = decodeAll(appItems(items))
      const views = apps
        .toSorted((a, b) => (a.id < b.id ? -1 : 1))
        .map((app) => viewApp(app, options.secrets ? 'full' : 'public'))
      const text = write(views, options)
      const output = createOutput(terminal, options)
      if (file === undefined) terminal.stdout.write(text)
      else {
        await writeNewFile(file, text)
        output.result(
          { file, apps: apps.length, malformed },
          () => `Exported ${pluralize(apps.length, 'app')} to ${printable(file)}.`,
        )
      }
      if (!options.secrets) output.note('Secrets are left out. To include them, add --secrets.')
      if (malformed.length > 0)
        throw new Failure(
          `${pluralize(malformed.length, 'malformed item')} not exported: ${malformed.map(({ id }) => printable(id)).join(', ')}. To see what is wrong, run check.`,
        )
    })

async function writeNewFile(path: string, text: string): Promise<void> {
  try {
    await writeFile(path, text, { mode: 0o600, flag: 'wx' })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    throw new Failure(
      `The file ${printable(path)} exists already, and export does not overwrite files. Choose another name, or delete the file first.`,
      EXIT.failed,
    )
  }
}

function decodeAll(items: readonly Item[]) {
  const apps: App[] = []
  const malformed: { id: string; reason: string }[] = []
  for (const item of items)
    try {
      apps.push(decodeItem(item))
    } catch (error) {
      malformed.push({ id: item.AppId?.S ?? '', reason: explainMalformed(error) })
    }
  return { apps, malformed }
}

function write(apps: readonly Partial<App>[], { format, secrets }: Options): string {
  // Without secrets, soketi must not find its own name for the list: it would use its default secret for each app.
  const list = secrets ? 'appManager.array.apps' : 'apps'
  if (format === 'json') return `${JSON.stringify({ [list]: apps }, null, 2)}\n`
  if (format === 'jsonl') return apps.map((app) => `${JSON.stringify(app)}\n`).join('')
  // Values with spaces at their ends are quoted, because import trims the others.
  return stringify([FIELD_NAMES, ...apps.map((app) => FIELD_NAMES.map((name) => formatCell(app[name])))], {
    quoted_match: /^\s|\s$/,
  })
}

function formatCell(value: App[keyof App]): string {
  if (value === undefined) return ''
  return typeof value === 'string' ? value : JSON.stringify(value)
}
