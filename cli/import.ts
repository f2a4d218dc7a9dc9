import { readFile } from 'node:fs/promises'
import { Option } from 'commander'
import type { Item } from '../functions/item.ts'
import type { AdminTable } from './admin-table.ts'
import { readAll } from './ask.ts'
import type { AddCommand } from './command.ts'
import { explainError } from './explain-error.ts'
import { EXIT, Failure } from './failure.ts'
import { counted, createOutput, formatTable, type Output } from './output.ts'
import { type Existing, type Plan, planImport, type Refused, type Write } from './plan-import.ts'
import { FORMATS, type Format, readRows } from './read-file.ts'
import { openTable, type TableOptions, withTable } from './table-options.ts'
import { findRivals, type Written, writeApps } from './write-apps.ts'

type Options = TableOptions & {
  readonly format?: Format
  readonly overwrite?: boolean
  readonly dryRun?: boolean
  readonly json?: boolean
}

/** `import`: writes the apps of a file into the table. */
export const addImport: AddCommand = (program, terminal) =>
  withTable(
    program
      .command('import')
      .summary('write the apps of a file into the table')
      .description(
        `Writes the apps of a file into the table: soketi's configuration with "appManager.array.apps" (or the list alone), JSON with one object a line, or CSV with soketi's names in the head (maxConnections or max_connections).

Everything is checked before the first write. An app whose id is in the table with other values is refused unless --overwrite is given, one whose key is in use always. What is refused is reported with its reason; the rest is written. Stopped half-way, run it again: what is written is recognised and left as it is.`,
      )
      .argument('<file>', 'the file, - for stdin')
      .addOption(new Option('--format <format>', 'the format, if the name and text mislead').choices(FORMATS))
      .option('--overwrite', "replace soketi's attributes of apps whose id is in the table; others stay")
      .option('--dry-run', 'say what would be done, and write nothing'),
  )
    .addHelpText('after', '\nExample:\n  npm run apps -- import soketi.json --dry-run')
    .action(async (path: string, options: Options) => {
      const { stopped } = terminal
      const output = createOutput(terminal, options)
      const text = path === '-' ? await readAll(terminal) : await readFile(path, 'utf8')
      const rows = readRows(text, path, options.format)
      const table = openTable(options, stopped)
      const plan = await planImport(rows, options.overwrite === true, (ids) => readExisting(table, ids))
      for (const warning of plan.warnings) output.note(`Warning: ${warning}`)
      const outcome = options.dryRun ? undefined : await writeApps(plan.writes, table, terminal)
      const { written = [], notWritten = 0, error } = outcome ?? {}
      const isWhole = error === undefined && !stopped.aborted
      const rivals = isWhole && written.length > 0 ? await findRivalsOrNote(written, table, output) : []
      const problems = report(plan, outcome, rivals, output)

      const goOn = `${counted(notWritten, 'app')} still to be written: run the same command again to go on, it recognises what is written.`
      if (error !== undefined && !stopped.aborted)
        throw new Failure(`${explainError(error, options, stopped).message} ${goOn}`)
      if (notWritten > 0) throw new Failure(`Stopped by Ctrl-C; ${goOn}`, EXIT.stopped)
      if (problems > 0)
        throw new Failure(
          `${counted(problems, 'app')} of the file with a problem; correct them and run the same command again.`,
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

async function findRivalsOrNote(
  writes: readonly Write[],
  table: AdminTable,
  output: Output,
): Promise<Refused[]> {
  return findRivals(writes, table).catch(() => {
    output.note('Whether somebody used one of the keys meanwhile could not be found out: run check.')
    return []
  })
}

/** Says what was done, or would be when nothing was tried; returns the number of apps with a problem. */
function report(
  plan: Plan,
  outcome: Written | undefined,
  rivals: readonly Refused[],
  output: Output,
): number {
  const writes = outcome?.written ?? plan.writes
  const replaced = writes.filter(({ replaces }) => replaces).length
  const summary = {
    dryRun: outcome === undefined,
    created: writes.length - replaced,
    replaced,
    unchanged: plan.unchanged + (outcome?.unchanged ?? 0),
    refused: [...plan.refused, ...(outcome?.refused ?? [])],
    rivals,
    notWritten: outcome?.notWritten ?? 0,
    warnings: plan.warnings,
  }
  output.result(summary, () => formatSummary(summary))
  return summary.refused.length + rivals.length
}

type Summary = Omit<Written, 'error' | 'written'> & {
  readonly dryRun: boolean
  readonly created: number
  readonly replaced: number
  readonly rivals: readonly Refused[]
}

function formatSummary({
  dryRun,
  created,
  replaced,
  unchanged,
  refused,
  rivals,
  notWritten,
}: Summary): string {
  const problems = [
    ...refused.map(({ place, id, reason }) => ['refused', place, id, reason]),
    ...rivals.map(({ place, id, reason }) => ['written', place, id, reason]),
  ]
  const counts = [
    dryRun ? `${counted(created, 'app')} would be created` : `${counted(created, 'app')} created`,
    `${replaced} replaced`,
    `${unchanged} there already`,
    `${refused.length} refused`,
    ...(notWritten > 0 ? [`${notWritten} not written`] : []),
  ].join(', ')
  return problems.length === 0
    ? `${counts}.`
    : `${formatTable(['', 'where', 'id', 'reason'], problems)}\n\n${counts}.`
}
