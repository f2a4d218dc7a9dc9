import { Option } from 'commander'
import type { Item } from '../../functions/apps/item.ts'
import {
  type Existing,
  type Plan,
  planImport,
  type Rejected,
  type Warning,
  type Write,
} from '../import/plan-import.ts'
import { FORMATS, type Format, readRows } from '../import/read-file.ts'
import { findKeyConflicts, type WriteResult, writeApps } from '../import/write-apps.ts'
import type { AdminTable } from '../table/admin-table.ts'
import { explainError } from '../table/explain-error.ts'
import { addTableOptions, openTableToWrite, type TableOptions } from '../table/table-options.ts'
import { createOutput, type Output } from '../terminal/command-output.ts'
import { EXIT, Failure } from '../terminal/failure.ts'
import { formatNames, formatTable, pluralize, printable } from '../terminal/format.ts'
import { readText } from '../terminal/read-text.ts'
import type { AddCommand } from './add-command.ts'

type Options = TableOptions & {
  readonly format?: Format
  readonly overwrite?: boolean
  readonly dryRun?: boolean
  readonly all?: boolean
  readonly json?: boolean
}

/** `import`: writes the apps of a file to the table. */
export const addImport: AddCommand = (program, terminal) =>
  addTableOptions(
    program
      .command('import')
      .summary('write the apps of a file to the table')
      .description(
        `Writes the apps of a file to the table. The file is JSON with apps anywhere in it (a configuration of soketi, the output of aws dynamodb scan or an export to S3, the export of a database), JSON with one object per line, or CSV with the names of the columns in the first line. Fields have any of soketi's names (maxConnections, MaxConnections, max_connections).

All apps are validated before the first write. An app whose id is in the table with other values is rejected unless you add --overwrite; an app whose key is in use is always rejected. The command reports each rejected app with its reason, and writes the others. An import that stops early can be run again: apps that are written already are left unchanged.`,
      )
      .argument('<file>', 'the file, or - for stdin')
      .addOption(
        new Option(
          '--format <format>',
          'the format (default: detected from the name of the file, or from its content)',
        ).choices(FORMATS),
      )
      .option('--overwrite', "replace soketi's attributes of existing apps; other attributes are kept")
      .option('--dry-run', 'print what would be done, without writing')
      .option('--all', 'print each warning of each app, instead of equal ones as one'),
  )
    .addHelpText('after', '\nExample:\n  npx soketi-apps import soketi.json --dry-run')
    .action(async (path: string, options: Options) => {
      const { stopped } = terminal
      const output = createOutput(terminal, options)
      const text = await readText(path, terminal)
      const rows = readRows(text, path, options.format)
      const table = await openTableToWrite(options, terminal)
      const plan = await planImport(rows, options.overwrite === true, (ids) => readExisting(table, ids))
      noteWarnings(plan.warnings, options.all === true, output)
      const result = options.dryRun ? undefined : await writeApps(plan.writes, table, terminal)
      const { written = [], notWritten = 0, error } = result ?? {}
      const isComplete = error === undefined && !stopped.aborted
      const keyConflicts =
        isComplete && written.length > 0 ? await findKeyConflictsOrNote(written, table, output) : []
      const problems = report(plan, result, keyConflicts, output)

      const next = `${pluralize(notWritten, 'app')} not written yet. To continue, run the same command again.`
      if (error !== undefined && !stopped.aborted)
        throw new Failure(`${explainError(error, options, stopped).message} ${next}`)
      if (notWritten > 0) throw new Failure(`Stopped by Ctrl-C. ${next}`, EXIT.stopped)
      if (problems > 0)
        throw new Failure(
          `${pluralize(problems, 'app')} of the file with a problem. Correct the file and run the same command again.`,
        )
    })

async function readExisting(table: AdminTable, wanted: ReadonlySet<string>): Promise<Existing> {
  const idsByKey = new Map<string, string[]>()
  const items = new Map<string, Item>()
  for await (const item of table.scan()) {
    const [id = '', key] = [item.AppId?.S, item.AppKey?.S]
    if (key !== undefined) idsByKey.set(key, [...(idsByKey.get(key) ?? []), id])
    if (wanted.has(id)) items.set(id, item)
  }
  return { idsByKey, items }
}

async function findKeyConflictsOrNote(
  writes: readonly Write[],
  table: AdminTable,
  output: Output,
): Promise<Rejected[]> {
  return findKeyConflicts(writes, table).catch(() => {
    output.note('Could not check whether another app was given one of the keys meanwhile. Run check.')
    return []
  })
}

/** Writes the summary of an import, or of a dry run without `result`; returns the number of apps with a problem. */
function report(
  plan: Plan,
  result: WriteResult | undefined,
  keyConflicts: readonly Rejected[],
  output: Output,
): number {
  const writes = result?.written ?? plan.writes
  const replaced = writes.filter(({ replaces }) => replaces).length
  const summary = {
    dryRun: result === undefined,
    created: writes.length - replaced,
    replaced,
    unchanged: plan.unchanged + (result?.unchanged ?? 0),
    rejected: [...plan.rejected, ...(result?.rejected ?? [])],
    keyConflicts,
    notWritten: result?.notWritten ?? 0,
    warnings: plan.warnings.map(describeWarning),
  }
  output.result(summary, () => formatSummary(summary))
  return summary.rejected.length + keyConflicts.length
}

/** One line for equal warnings of several apps, or with `all` one for each. */
function noteWarnings(warnings: readonly Warning[], all: boolean, output: Output): void {
  const groups = Map.groupBy(warnings, (warning) => (all ? warning : warning.text))
  for (const [first, ...others] of groups.values())
    if (first && others.length === 0) output.note(`Warning: ${describeWarning(first)}`)
    else if (first)
      output.note(
        `Warning: ${others.length + 1} apps (${formatNames([first, ...others].map(({ id }) => id))}): ${first.text}`,
      )
}

function describeWarning({ place, id, text }: Warning): string {
  return `${place} (${printable(id)}): ${text}`
}

type Summary = Omit<WriteResult, 'error' | 'written'> & {
  readonly dryRun: boolean
  readonly created: number
  readonly replaced: number
  readonly keyConflicts: readonly Rejected[]
}

function formatSummary(summary: Summary): string {
  const { dryRun, created, replaced, unchanged, rejected, keyConflicts, notWritten } = summary
  const problems = [
    ...rejected.map(({ place, id, reason }) => ['rejected', place, id, reason]),
    ...keyConflicts.map(({ place, id, reason }) => ['written', place, id, reason]),
  ]
  const counts = [
    dryRun ? `${pluralize(created, 'app')} would be created` : `${pluralize(created, 'app')} created`,
    `${replaced} replaced`,
    `${unchanged} unchanged`,
    `${rejected.length} rejected`,
    ...(notWritten > 0 ? [`${notWritten} not written`] : []),
  ].join(', ')
  return problems.length === 0
    ? `${counts}.`
    : `${formatTable(['', 'where', 'id', 'reason'], problems)}\n\n${counts}.`
}
