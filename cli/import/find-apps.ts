import { parseOr } from '../app/parse-json.ts'
import { fieldOf } from '../app/record-names.ts'

/** A record that may be an app, and where it is. */
export type Found = { readonly place: string; readonly record: unknown }

/**
 * The apps anywhere in a JSON document: in a configuration of soketi or of another Pusher server, in the output of
 * `aws dynamodb scan` or `get-item`, the input of `batch-write-item`, an export of a table, the state of Terraform.
 *
 * An app is an object with an id and a key or secret. In a list that has one, every entry counts, so that a broken one
 * is reported. Text that is JSON, such as an item in Terraform's state, is searched too.
 */
export function findApps(document: unknown): readonly Found[] {
  return search(document, '').found
}

/** `isApp` if the value itself is an app, perhaps in objects around it, as in `{"PutRequest": {"Item": …}}`. */
type Search = { readonly found: readonly Found[]; readonly isApp: boolean }

function search(value: unknown, path: string): Search {
  if (isApp(value)) return { found: [{ place: placeOf(path, 0), record: value }], isApp: true }
  if (Array.isArray(value)) return { found: searchList(value, path), isApp: false }
  if (typeof value === 'string' && /^\s*[[{]/.test(value)) return search(parseOr(value, undefined), path)
  if (typeof value !== 'object' || value === null) return { found: [], isApp: false }
  const inner = Object.entries(value).map(([name, member]) => search(member, path ? `${path}.${name}` : name))
  return { found: inner.flatMap(({ found }) => found), isApp: inner.some((result) => result.isApp) }
}

function searchList(list: readonly unknown[], path: string): readonly Found[] {
  const entries = list.map((entry) => search(entry, path))
  if (!entries.some((entry) => entry.isApp)) return entries.flatMap(({ found }) => found)
  return entries.map(({ found }, index) => ({
    place: placeOf(path, index),
    record: found[0] ? found[0].record : list[index],
  }))
}

function placeOf(path: string, index: number): string {
  return `app ${index + 1}${path ? ` in ${path}` : ''}`
}

function isApp(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  const fields = new Set(Object.keys(value).map(fieldOf))
  return fields.has('id') && (fields.has('key') || fields.has('secret'))
}
