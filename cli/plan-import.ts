import { isDeepStrictEqual } from 'node:util'
import type { App } from '../functions/app.ts'
import { decodeItem, type Item } from '../functions/item.ts'
import { Failure } from './failure.ts'
import { type Finding, findingsOf } from './findings.ts'
import { printable } from './output.ts'
import { readApp } from './read-app.ts'
import type { Row } from './read-file.ts'
import { ATTRIBUTES, encodeApp } from './write-item.ts'

/** A record that is not imported, and why; without values but the public id. */
export type Refused = { readonly place: string; readonly id?: string; readonly reason: string }

/** An app that is to be written. */
export type Write = { readonly place: string; readonly app: App; readonly replaces: boolean }

/** What an import will do, found out before it writes anything. */
export type Plan = {
  readonly writes: readonly Write[]
  /** Apps that the table holds already, exactly so. */
  readonly unchanged: number
  readonly refused: readonly Refused[]
  readonly warnings: readonly string[]
}

/** What the table holds before an import: ids by key, and the items whose ids the file has too. */
export type Existing = {
  readonly idsByKey: ReadonlyMap<string, readonly string[]>
  readonly items: ReadonlyMap<string, Item>
}

/**
 * Decides about every record of a file: nothing is overwritten unless asked, and no key comes to be in use twice.
 *
 * @param readExisting is called once, with the ids of the file's apps
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
  const refused: Refused[] = []
  const warnings: string[] = []
  let unchanged = 0

  for (const row of read) {
    if (!('app' in row)) {
      refused.push(row)
      continue
    }
    const { place, app, unknown } = row
    const refuse = (reason: string) => refused.push({ place, id: app.id, reason })
    const item = existing.items.get(app.id)
    const state = item ? compare(item, app) : 'absent'
    const keyHolder = existing.idsByKey.get(app.key)?.find((id) => id !== app.id)
    if (placeOfId.has(app.id)) refuse(`has the id of ${placeOfId.get(app.id)}.`)
    else if (placeOfKey.has(app.key)) refuse(`has the key of ${placeOfKey.get(app.key)}.`)
    else if (state === 'same' || (state === 'same app' && !overwrite)) unchanged += 1
    else if (keyHolder !== undefined) refuse(`has the key of ${printable(keyHolder)}, which is in the table.`)
    else if (state !== 'absent' && !overwrite) refuse(ID_IN_USE)
    else {
      writes.push({ place, app, replaces: state !== 'absent' })
      warnings.push(...warningsOf(place, app, unknown))
    }
    if (!placeOfId.has(app.id)) placeOfId.set(app.id, place)
    if (!placeOfKey.has(app.key)) placeOfKey.set(app.key, place)
  }
  return { writes, unchanged, refused, warnings }
}

/** Said of an app whose id the table has with other values. */
export const ID_IN_USE = 'has an id that the table holds with other values; --overwrite replaces them.'

/** Whether an item is what the app would be written as (`same`), the same app in another form, or something else. */
export function compare(item: Item, app: App): 'same' | 'same app' | 'other' {
  const own = Object.fromEntries(Object.entries(item).filter(([name]) => ATTRIBUTES.includes(name)))
  if (isDeepStrictEqual(own, encodeApp(app))) return 'same'
  try {
    return isDeepStrictEqual(decodeItem(item), app) ? 'same app' : 'other'
  } catch {
    return 'other'
  }
}

type ReadRow = Refused | { readonly place: string; readonly app: App; readonly unknown: readonly string[] }

function readRow(row: Row): ReadRow {
  const { place } = row
  if (row.refused !== undefined) return { place, reason: row.refused }
  try {
    return { place, ...readApp(row.record) }
  } catch (error) {
    if (error instanceof Failure) return { place, ...publicId(row.record), reason: error.message }
    throw error
  }
}

function publicId(record: unknown): { id?: string } {
  const { id, AppId } = { ...(record as { id?: unknown; AppId?: unknown }) }
  const value = AppId ?? id
  return typeof value === 'string' || typeof value === 'number' ? { id: String(value) } : {}
}

function warningsOf(place: string, app: App, unknown: readonly string[]): string[] {
  const name = `${place} (${printable(app.id)})`
  return [
    ...unknown.map((field) => `${name}: the field ${printable(field)} is not soketi's and is left out.`),
    ...findingsOf(app).map(({ text }: Finding) => `${name}: ${text}`),
  ]
}
