import { readFile } from 'node:fs/promises'
import { SingleBar } from 'cli-progress'
import { Option } from 'commander'
import pMap from 'p-map'
import type { Item } from '../functions/item.ts'
import type { AdminTable } from './admin-table.ts'
import { readAll } from './ask.ts'
import type { AddCommand } from './command.ts'
import { explainError } from './explain-error.ts'
import { EXIT, Failure } from './failure.ts'
import { counted, createOutput, formatTable, printable } from './output.ts'
import {
  compare,
  type Existing,
  ID_IN_USE,
  type Plan,
  planImport,
  type Refused,
  type Write,
} from './plan-import.ts'
import { FORMATS, type Format, readRows } from './read-file.ts'
import { openTable, type TableOptions, withTable } from './table-options.ts'
import type { Terminal } from './terminal.ts'
import { ATTRIBUTES, encodeApp } from './write-item.ts'

type Options = TableOptions & {
  readonly format?: Format
  readonly overwrite?: boolean
  readonly dryRun?: boolean
  readonly json?: boolean
}

const WRITES_AT_A_TIME = 8

/** `import`: writes the apps of a file into the table. */
export const addImport: AddCommand = (program, terminal) =>
  withTable(
    program
      .command('import')
      .summary('write the apps of a file into the table')
      .description(
        `Writes the apps of a file into the table: soketi's configuration with "appManager.array.apps" (or the list
alone), JSON with one object a line, or CSV with soketi's names in the head (maxConnections or max_connections).

Everything is checked before the first write. An app whose id is in the table with other values is refused unless
--overwrite is given, one whose key is in use always. What is refused is reported with its reason; the rest is written.
Stopped half-way, run it again: what is written is recognised and left as it is.`,
      )
      .argument('<file>', 'the file, - for stdin')
      .addOption(new Option('--format <format>', 'the format, if the name and text mislead').choices(FORMATS))
      .option('--overwrite', "replace soketi's attributes of apps whose id is in the table; others stay")
      .option('--dry-run', 'say what would be done, and write nothing'),
  )
    .addHelpText('after', '\nExample:\n  npm run apps -- import soketi.json --dry-run')
    .action(async (path: string, options: Options) => {
      const text = path === '-' ? await readAll(terminal) : await readFile(path, 'utf8')
      const rows = readRows(text, path, options.format)
      const table = openTable(options, terminal.stopped)
      const plan = await planImport(rows, options.overwrite === true, (ids) => readExisting(table, ids))
      const done = options.dryRun ? undefined : await writeAll(plan.writes, table, terminal)
      report(plan, done, options, terminal)
    })

type Done = {
  readonly written: readonly Write[]
  readonly unchanged: number
  readonly refused: readonly Refused[]
  /** Why the import ended before its end, if it did. */
  readonly error?: unknown
}

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

/** Writes until the end, Ctrl-C, or an error that is not about one app. What is under way is always waited for. */
async function writeAll(writes: readonly Write[], table: AdminTable, terminal: Terminal): Promise<Done> {
  const bar = new SingleBar({
    stream: terminal.stderr as NodeJS.WriteStream,
    format: '{bar} {value} of {total} apps, {eta_formatted} left',
    barsize: 30,
    hideCursor: true,
    clearOnComplete: true,
    gracefulExit: false,
  })
  const [written, refused]: [Write[], Refused[]] = [[], []]
  let unchanged = 0
  let failure: { error: unknown } | undefined

  const writeOne = async (write: Write) => {
    if (failure || terminal.stopped.aborted) return
    try {
      const inTheWay = await put(table, write)
      if (inTheWay === undefined) written.push(write)
      else if (compare(inTheWay, write.app) !== 'other') unchanged += 1
      else refused.push({ place: write.place, id: write.app.id, reason: ID_IN_USE })
    } catch (error) {
      if (isTooLarge(error))
        refused.push({
          place: write.place,
          id: write.app.id,
          reason: 'is larger than an item of DynamoDB may be (400 KB).',
        })
      else failure ??= { error }
    }
    bar.increment()
  }

  if (terminal.stderr.isTTY) bar.start(writes.length, 0)
  await pMap(writes, writeOne, { concurrency: WRITES_AT_A_TIME })
  bar.stop()
  if (failure) return { written, unchanged, refused, error: failure.error }
  const rivals = terminal.stopped.aborted || written.length === 0 ? [] : await findRivals(written, table)
  return { written, unchanged, refused: [...refused, ...rivals] }
}

async function put(table: AdminTable, { app, replaces }: Write): Promise<Item | undefined> {
  const item = encodeApp(app)
  if (!replaces) return table.create(item)
  const { AppId: _, ...set } = item
  await table.replace(app.id, { set, remove: ATTRIBUTES.filter((name) => !Object.hasOwn(item, name)) })
  return undefined
}

/** Keys that somebody else gave to another app while the import ran. */
async function findRivals(written: readonly Write[], table: AdminTable): Promise<Refused[]> {
  const byKey = new Map<string, Write>(written.map((write) => [write.app.key, write]))
  const rivals: Refused[] = []
  for await (const { AppId, AppKey } of table.scan(['AppId', 'AppKey'])) {
    const write = byKey.get(AppKey?.S ?? '')
    if (write && write.app.id !== AppId?.S)
      rivals.push({
        place: write.place,
        id: write.app.id,
        reason: `is written, but ${printable(AppId?.S ?? '')} got the same key meanwhile; give one another with update --key.`,
      })
  }
  return rivals
}

function report(
  plan: Plan,
  done: Done | undefined,
  options: Options,
  { stopped, ...terminal }: Terminal,
): void {
  const output = createOutput({ stopped, ...terminal }, options)
  const written = done?.written ?? []
  const refused = [...plan.refused, ...(done?.refused ?? [])]
  const unchanged = plan.unchanged + (done?.unchanged ?? 0)
  const late = done?.refused.filter(({ id }) => !written.some(({ app }) => app.id === id)).length ?? 0
  const remaining = done ? plan.writes.length - written.length - done.unchanged - late : plan.writes.length
  const split = (writes: readonly Write[]) => ({
    created: writes.filter(({ replaces }) => !replaces).length,
    replaced: writes.filter(({ replaces }) => replaces).length,
  })
  const summary = done
    ? { dryRun: false, ...split(written), unchanged, refused, notWritten: remaining, warnings: plan.warnings }
    : {
        dryRun: true,
        ...split(plan.writes),
        unchanged,
        refused,
        notWritten: remaining,
        warnings: plan.warnings,
      }

  for (const warning of plan.warnings) output.note(`Warning: ${warning}`)
  output.result(summary, () => {
    const { created, replaced } = summary
    const counts = `${counted(created, 'app')} ${done ? 'created' : 'would be created'}, ${replaced} replaced, ${unchanged} there already, ${refused.length} refused${done && remaining > 0 ? `, ${remaining} not written` : ''}.`
    if (refused.length === 0) return counts
    const table = formatTable(
      ['refused', 'id', 'because it'],
      refused.map(({ place, id, reason }) => [place, id, reason]),
    )
    return `${table}\n\n${counts}`
  })

  const again = `${counted(remaining, 'app')} of ${plan.writes.length} not written. Run the same command again to go on: what is written is recognised.`
  if (done?.error !== undefined && !stopped.aborted)
    throw new Failure(`${explainError(done.error, options, stopped).message} ${again}`)
  if (done && remaining > 0) throw new Failure(`Stopped by Ctrl-C; ${again}`, EXIT.stopped)
  if (refused.length > 0)
    throw new Failure(
      `${counted(refused.length, 'app')} refused; correct them and run the same command again.`,
    )
}

// The only ValidationException that depends on the app: the table itself has been read by then.
function isTooLarge(error: unknown): boolean {
  return error instanceof Error && error.name === 'ValidationException' && /size/i.test(error.message)
}
