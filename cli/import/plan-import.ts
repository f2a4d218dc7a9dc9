import { isDeepStrictEqual } from 'node:util'
import type { App } from '../../functions/apps/app.ts'
import { decodeItem, type Item } from '../../functions/apps/item.ts'
import { ATTRIBUTES, encodeApp } from '../app/encode-app.ts'
import { findingsOf } from '../app/findings.ts'
import { findId, readApp } from '../app/read-app.ts'
import { Failure } from '../terminal/failure.ts'
import { printable } from '../terminal/format.ts'
import type { Row } from './row.ts'

/** A record that is not imported, and the reason; without values except the public id. */
export type Rejected = { readonly place: string; readonly id?: string; readonly reason: string }

/** An app to write. */
export type Write = { readonly place: string; readonly app: App; readonly replaces: boolean }

/** What an import will do, decided before the first write. */
export type Plan = {
  readonly writes: readonly Write[]
  /** Apps that are in the table with the same values. */
  readonly unchanged: number
  readonly rejected: readonly Rejected[]
  readonly warnings: readonly Warning[]
}

/** A problem of an app that is imported, without values except the public id. */
export type Warning = { readonly place: string; readonly id: string; readonly text: string }

/** The table before an import: ids by key, and the items whose ids are in the file too. */
export type Existing = {
  readonly idsByKey: ReadonlyMap<string, readonly string[]>
  readonly items: ReadonlyMap<string, Item>
}

/**
 * Decides for each record of a file whether it is written. Nothing is overwritten without `overwrite`, and no key is
 * given to two apps.
 *
 * @param readExisting is called once, with the ids of the file
 */
export async function planImport(
  rows: readonly Row[],
  overwrite: boolean,
  readExisting: (ids: ReadonlySet<string>) => Promise<Existing>,
): Promise<Plan> {
  const read = rows.map(readRow)
  const existing = await readExisting(new Set(read.flatMap((row) => ('app' in row ? [row.app.id] : []))))
  const placeOfId = new Map<string, string>()
  const placeOfKey = new Map<string, string>()
  const writes: Write[] = []
  const rejected: Rejected[] = []
  const warnings: Warning[] = []
  let unchanged = 0

  for (const row of read) {
    if (!('app' in row)) {
      rejected.push(row)
      continue
    }
    const { place, app, unknown } = row
    const reject = (reason: string) => rejected.push({ place, id: app.id, reason })
    const item = existing.items.get(app.id)
    const state = item ? compare(item, app) : 'absent'
    const keyHolder = existing.idsByKey.get(app.key)?.find((id) => id !== app.id)
    if (placeOfId.has(app.id)) reject(`has the same id as ${placeOfId.get(app.id)}.`)
    else if (placeOfKey.has(app.key)) reject(`has the same key as ${placeOfKey.get(app.key)}.`)
    else if (state === 'same' || (state === 'same app' && !overwrite)) unchanged += 1
    else if (keyHolder !== undefined)
      reject(`has the same key as ${printable(keyHolder)}, which is in the table.`)
    else if (state !== 'absent' && !overwrite) reject(ID_IN_USE)
    else {
      writes.push({ place, app, replaces: state !== 'absent' })
      warnings.push(...warningsOf(place, app, unknown))
    }
    if (!placeOfId.has(app.id)) placeOfId.set(app.id, place)
    if (!placeOfKey.has(app.key)) placeOfKey.set(app.key, place)
  }
  return { writes, unchanged, rejected, warnings }
}

/** The reason for rejecting an app that is in the table with other values. */
export const ID_IN_USE = 'is in the table with other values. To replace them, add --overwrite.'

/** Whether an item equals what would be written (`same`), is the same app in another form, or differs. */
export function compare(item: Item, app: App): 'same' | 'same app' | 'other' {
  const own = Object.fromEntries(Object.entries(item).filter(([name]) => ATTRIBUTES.has(name)))
  if (isDeepStrictEqual(own, encodeApp(app))) return 'same'
  try {
    return isDeepStrictEqual(decodeItem(item), app) ? 'same app' : 'other'
  } catch {
    return 'other'
  }
}

type ReadRow = Rejected | { readonly place: string; readonly app: App; readonly unknown: readonly string[] }

function readRow(row: Row): ReadRow {
  const { place } = row
  if (row.rejected !== undefined) return { place, reason: row.rejected }
  try {
    return { place, ...readApp(row.record) }
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    const id = findId(row.record)
    return { place, ...(id !== undefined && { id }), reason: error.message }
  }
}

function warningsOf(place: string, app: App, unknown: readonly string[]): Warning[] {
  return [
    ...unknown.map((field) => `soketi has no field ${printable(field)}, so it is not imported.`),
    ...findingsOf(app).map(({ text }) => text),
  ].map((text) => ({ place, id: app.id, text }))
}
