import type { App } from '../../functions/apps/app.ts'
import { FIELD_NAMES, spellingsOf } from '../../functions/apps/spellings.ts'

/**
 * The field of an app that a name in a file stands for: soketi's own names, and what other programs make of them
 * (`Max Connections`, `app_id`, `ID`).
 */
export function fieldOf(name: string): keyof App | undefined {
  return FIELD_OF.get(simplify(name))
}

/** The names of a record that stand for a field. As in soketi, the last of several names of soketi's own applies. */
export function namesOf(record: object, field: keyof App): readonly string[] {
  const spellings = spellingsOf(field)
  return Object.keys(record)
    .filter((name) => fieldOf(name) === field)
    .sort((a, b) => spellings.indexOf(a) - spellings.indexOf(b))
}

const simplify = (name: string): string => name.toLowerCase().replace(/[ _-]/g, '')

const FIELD_OF: ReadonlyMap<string, keyof App> = new Map(
  FIELD_NAMES.flatMap((field) => spellingsOf(field).map((spelling) => [simplify(spelling), field] as const)),
)
