import pMap from 'p-map'
import type { Item } from '../../functions/apps/item.ts'
import { FIELD_NAMES } from '../../functions/apps/spellings.ts'
import { changeOf, encodeApp } from '../app/encode-app.ts'
import type { AdminTable } from '../table/admin-table.ts'
import { printable } from '../terminal/format.ts'
import { startProgress } from '../terminal/progress-bar.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { compare, ID_IN_USE, type Rejected, type Write } from './plan-import.ts'

/** The outcome of writing apps; the numbers count apps. */
export type WriteResult = {
  readonly written: readonly Write[]
  /** Apps that were in the table with the same values at the time of the write. */
  readonly unchanged: number
  readonly rejected: readonly Rejected[]
  /** Apps whose write was not started, or failed with `error`. */
  readonly notWritten: number
  /** Why writing ended early, unless Ctrl-C ended it. */
  readonly error?: unknown
}

const CONCURRENCY = 8

/**
 * Writes the apps until the end, Ctrl-C, or an error that does not concern a single app. Writes in flight are always
 * awaited, so that the counts are exact. Each app is written with a condition, which BatchWriteItem does not support.
 */
export async function writeApps(
  writes: readonly Write[],
  table: AdminTable,
  { stderr, stopped }: Terminal,
): Promise<WriteResult> {
  const written: Write[] = []
  const rejected: Rejected[] = []
  let unchanged = 0
  let failure: { readonly error: unknown } | undefined

  const writeOne = async (write: Write): Promise<void> => {
    const { place, app } = write
    try {
      const existing = await put(table, write)
      if (existing === undefined) written.push(write)
      else if (compare(existing, app) !== 'other') unchanged += 1
      else rejected.push({ place, id: app.id, reason: ID_IN_USE })
    } catch (error) {
      if (isTooLarge(error)) rejected.push({ place, id: app.id, reason: TOO_LARGE })
      else failure ??= { error }
    }
  }

  const progress = startProgress(writes.length, stderr)
  const onStop = () => {
    progress.stop()
    stderr.write('Stopping after the writes in flight.\n')
  }
  stopped.addEventListener('abort', onStop, { once: true })
  await pMap(
    writes,
    async (write) => {
      if (failure || stopped.aborted) return
      await writeOne(write)
      progress.increment()
    },
    { concurrency: CONCURRENCY },
  )
  stopped.removeEventListener('abort', onStop)
  progress.stop()

  return {
    written,
    unchanged,
    rejected,
    notWritten: writes.length - written.length - unchanged - rejected.length,
    ...failure,
  }
}

/** Returns the written apps whose key another app was given in the meantime. Reads the whole table. */
export async function findKeyConflicts(writes: readonly Write[], table: AdminTable): Promise<Rejected[]> {
  const byKey = new Map(writes.map((write) => [write.app.key, write]))
  const conflicts: Rejected[] = []
  for await (const { AppId, AppKey } of table.scan(['AppId', 'AppKey'])) {
    const write = byKey.get(AppKey?.S ?? '')
    if (!write || write.app.id === AppId?.S) continue
    const reason = `has the same key as ${printable(AppId?.S ?? '')}, which was written meanwhile. Change one of them with update --key.`
    conflicts.push({ place: write.place, id: write.app.id, reason })
  }
  return conflicts
}

async function put(table: AdminTable, { app, replaces }: Write): Promise<Item | undefined> {
  if (!replaces) return table.create(encodeApp(app))
  const { id, ...fields } = app
  const unset = FIELD_NAMES.filter((name) => !Object.hasOwn(app, name))
  await table.upsert(id, changeOf(fields, unset))
  return undefined
}

const TOO_LARGE = "is larger than DynamoDB's limit for an item (400 KB)."

// The only ValidationException that concerns one app: the table has been read by then.
function isTooLarge(error: unknown): boolean {
  return error instanceof Error && error.name === 'ValidationException' && /size/i.test(error.message)
}
