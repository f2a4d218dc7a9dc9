import { setTimeout } from 'node:timers/promises'
import type { App } from '../functions/app.ts'
import type { AdminTable } from './admin-table.ts'
import { Failure } from './failure.ts'
import { type Output, printable } from './output.ts'

// DynamoDB's index can't make keys unique, and a marker item of one's own would be an app to soketi. So a key is
// checked before a write, which finds all but the newest apps, and after it, which finds two writes at the same
// moment, unless the index shows each of them only its own. Then lookups by that key answer `app-key-not-unique`
// rather than either app, and `check` names both.

type Identity = Pick<App, 'id' | 'key'>

/**
 * Does nothing if no other app has the key.
 *
 * @throws {Failure} that names the app that has it
 */
export async function refuseKeyInUse(table: AdminTable, { id, key }: Identity): Promise<void> {
  const other = (await table.idsOfKey(key)).find((candidate) => candidate !== id)
  if (other !== undefined)
    throw new Failure(`The key is in use by the app ${printable(other)}; choose another with --key.`)
}

const INDEX_WAIT_MS = 5000
const POLL_MS = 100

/**
 * Takes a write back if another app got the same key at the same moment, as far as the index shows it within 5 s;
 * it is usually some milliseconds behind. What can't be found out is noted and left to `check`: the write is done.
 *
 * @throws {Failure} when the write was taken back
 */
export async function takeBackIfRivalled(
  table: AdminTable,
  app: Identity,
  takeBack: () => Promise<unknown>,
  output: Output,
): Promise<void> {
  const ids = await waitForIndex(table, app).catch((): readonly string[] => [])
  const rival = ids.find((id) => id !== app.id)
  if (rival !== undefined) {
    await takeBack()
    throw new Failure(
      `The app ${printable(rival)} got the same key at the same moment, so this change was taken back; run it again with another --key.`,
    )
  }
  if (!ids.includes(app.id))
    output.note('The index does not show this key yet, so it may be in use twice: run check in a while.')
}

async function waitForIndex(table: AdminTable, { id, key }: Identity): Promise<readonly string[]> {
  const until = Date.now() + INDEX_WAIT_MS
  for (;;) {
    const ids = await table.idsOfKey(key)
    if (ids.includes(id) || Date.now() >= until) return ids
    await setTimeout(POLL_MS)
  }
}
