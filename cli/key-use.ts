import { setTimeout } from 'node:timers/promises'
import type { App } from '../functions/app.ts'
import type { AdminTable } from './admin-table.ts'
import { EXIT, Failure } from './failure.ts'
import { printable } from './output.ts'

// DynamoDB's index can't make keys unique, and a marker item of one's own would be an app to soketi. So a key is
// checked before a write, which finds all but the newest apps, and after it, which finds two writes at the same
// moment, unless the index shows each of them only its own. Then lookups by that key answer `app-key-not-unique`
// rather than either app, and `check` names both.

/**
 * Does nothing if no other app has the key.
 *
 * @throws {Failure} that names the app that has it
 */
export async function refuseKeyInUse(table: AdminTable, { id, key }: Pick<App, 'id' | 'key'>): Promise<void> {
  const other = (await table.idsOfKey(key)).find((candidate) => candidate !== id)
  if (other !== undefined)
    throw new Failure(`The key is in use by the app ${printable(other)}; choose another with --key.`)
}

const INDEX_WAIT_MS = 5000
const POLL_MS = 100

/**
 * The id of another app that got the same key at the same moment, once the index shows what was just written.
 *
 * Waits for the index for 5 s at most; it is usually some milliseconds behind.
 */
export async function findRival(
  table: AdminTable,
  { id, key }: Pick<App, 'id' | 'key'>,
): Promise<string | undefined> {
  for (const until = Date.now() + INDEX_WAIT_MS; Date.now() < until; await setTimeout(POLL_MS)) {
    const ids = await table.idsOfKey(key)
    const rival = ids.find((candidate) => candidate !== id)
    if (rival !== undefined || ids.includes(id)) return rival
  }
  return undefined
}

/** What is told when a rival was found and the write was taken back. */
export function rivalFailure(rival: string): Failure {
  return new Failure(
    `The app ${printable(rival)} got the same key at the same moment, so this change was taken back; run it again with another --key.`,
    EXIT.failed,
  )
}
