import { setTimeout } from 'node:timers/promises'
import type { App } from '../../functions/apps/app.ts'
import type { Output } from '../terminal/command-output.ts'
import { Failure } from '../terminal/failure.ts'
import { printable } from '../terminal/format.ts'
import type { AdminTable } from './admin-table.ts'

// DynamoDB's index does not enforce unique keys, and soketi would read a marker item as an app. So a key is checked
// before the write, and again after it for a concurrent write. Where the index still shows each writer only its own
// app, lookups by the key fail with `app-key-not-unique`, and `check` reports both apps.

type Identity = Pick<App, 'id' | 'key'>

/**
 * Checks that no other app has the key.
 *
 * @throws {Failure} that names the other app
 */
export async function rejectKeyInUse(table: AdminTable, { id, key }: Identity): Promise<void> {
  const other = (await table.idsOfKey(key)).find((candidate) => candidate !== id)
  if (other !== undefined)
    throw new Failure(`The key is in use by the app ${printable(other)}. Choose another one with --key.`)
}

const INDEX_WAIT_MS = 5000
const POLL_MS = 100

/**
 * Reverts a write if another app was given the same key at the same time, as far as the index shows it within 5 s.
 * The index usually lags by milliseconds. If it shows nothing by then, the write stays and a note points to `check`.
 *
 * @throws {Failure} when the write was reverted
 */
export async function revertOnKeyConflict(
  table: AdminTable,
  app: Identity,
  revert: () => Promise<unknown>,
  output: Output,
): Promise<void> {
  const ids = await waitForIndex(table, app).catch((): readonly string[] => [])
  const other = ids.find((id) => id !== app.id)
  if (other !== undefined) {
    await revert()
    throw new Failure(
      `The app ${printable(other)} was given the same key at the same time, so this change was reverted. Run the command again with another --key.`,
    )
  }
  if (!ids.includes(app.id))
    output.note(
      'The index does not show the new key yet, so another app may have it too. Run check in a minute.',
    )
}

async function waitForIndex(table: AdminTable, { id, key }: Identity): Promise<readonly string[]> {
  const until = Date.now() + INDEX_WAIT_MS
  for (;;) {
    const ids = await table.idsOfKey(key)
    if (ids.includes(id) || Date.now() >= until) return ids
    await setTimeout(POLL_MS)
  }
}
