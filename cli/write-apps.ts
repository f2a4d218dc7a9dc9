import { SingleBar } from 'cli-progress'
import pMap from 'p-map'
import type { Item } from '../functions/item.ts'
import type { AdminTable } from './admin-table.ts'
import { printable } from './output.ts'
import { compare, ID_IN_USE, type Refused, type Write } from './plan-import.ts'
import type { Terminal } from './terminal.ts'
import { ATTRIBUTES, encodeApp } from './write-item.ts'

/** What became of the apps that were to be written; numbers are of apps. */
export type Written = {
  readonly written: readonly Write[]
  /** Apps that the table held, exactly so, by the time of the write. */
  readonly unchanged: number
  readonly refused: readonly Refused[]
  /** Apps whose writing was not begun, or failed with `error`. */
  readonly notWritten: number
  /** Why it ended before its end, unless Ctrl-C ended it. */
  readonly error?: unknown
}

const WRITES_AT_A_TIME = 8

/**
 * Writes until the end, Ctrl-C, or an error that is not about one app; what is under way is always waited for, so
 * that the numbers are what happened. One conditional write an app: a batch of DynamoDB's can't be conditional.
 */
export async function writeApps(
  writes: readonly Write[],
  table: AdminTable,
  { stderr, stopped }: Terminal,
): Promise<Written> {
  const written: Write[] = []
  const refused: Refused[] = []
  let unchanged = 0
  let failure: { readonly error: unknown } | undefined

  const writeOne = async (write: Write): Promise<void> => {
    const { place, app } = write
    try {
      const inTheWay = await put(table, write)
      if (inTheWay === undefined) written.push(write)
      else if (compare(inTheWay, app) !== 'other') unchanged += 1
      else refused.push({ place, id: app.id, reason: ID_IN_USE })
    } catch (error) {
      if (isTooLarge(error)) refused.push({ place, id: app.id, reason: TOO_LARGE })
      else failure ??= { error }
    }
  }

  const bar = startBar(writes.length, stderr)
  const sayStopping = () => stderr.write('\nStopping; the writes under way are waited for.\n')
  stopped.addEventListener('abort', sayStopping, { once: true })
  const step = async (write: Write): Promise<void> => {
    if (failure || stopped.aborted) return
    await writeOne(write)
    bar?.increment()
  }
  await pMap(writes, step, { concurrency: WRITES_AT_A_TIME })
  bar?.stop()
  stopped.removeEventListener('abort', sayStopping)

  return {
    written,
    unchanged,
    refused,
    notWritten: writes.length - written.length - unchanged - refused.length,
    ...failure,
  }
}

/** Apps just written whose key somebody gave to another app meanwhile: one more read of the whole table. */
export async function findRivals(writes: readonly Write[], table: AdminTable): Promise<Refused[]> {
  const byKey = new Map(writes.map((write) => [write.app.key, write]))
  const rivals: Refused[] = []
  for await (const { AppId, AppKey } of table.scan(['AppId', 'AppKey'])) {
    const write = byKey.get(AppKey?.S ?? '')
    if (!write || write.app.id === AppId?.S) continue
    const reason = `has a key that ${printable(AppId?.S ?? '')} got meanwhile; give one of them another with update --key.`
    rivals.push({ place: write.place, id: write.app.id, reason })
  }
  return rivals
}

function startBar(total: number, stream: Terminal['stderr']): SingleBar | undefined {
  if (!stream.isTTY) return undefined
  const bar = new SingleBar({
    stream: stream as NodeJS.WriteStream,
    format: '{bar} {value} of {total} apps, {eta_formatted} left',
    barsize: 30,
    clearOnComplete: true,
    // Ctrl-C is the command's own: it has to say what was done.
    gracefulExit: false,
  })
  bar.start(total, 0)
  return bar
}

async function put(table: AdminTable, { app, replaces }: Write): Promise<Item | undefined> {
  const item = encodeApp(app)
  if (!replaces) return table.create(item)
  const { AppId: _, ...set } = item
  await table.replace(app.id, { set, remove: ATTRIBUTES.filter((name) => !Object.hasOwn(item, name)) })
  return undefined
}

const TOO_LARGE = 'is larger than an item of DynamoDB may be (400 KB).'

// The only ValidationException that is about the app and not the table, which has been read by then.
function isTooLarge(error: unknown): boolean {
  return error instanceof Error && error.name === 'ValidationException' && /size/i.test(error.message)
}
