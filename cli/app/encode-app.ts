import type { AttributeValue } from '@aws-sdk/client-dynamodb'
import type { App } from '../../functions/apps/app.ts'
import type { Item } from '../../functions/apps/item.ts'
import { attributeOf, attributesOf, FIELD_NAMES } from '../../functions/apps/spellings.ts'

/** What an update does to an item: attributes to set, and names of attributes to remove. */
export type Change = { readonly set: Item; readonly remove: readonly string[] }

/** Every attribute from which a field of an app is read. */
export const ATTRIBUTES: ReadonlySet<string> = new Set(FIELD_NAMES.flatMap(attributesOf))

/**
 * An app, or some of its fields, as attributes of its item: the inverse of `decodeItem`. Each value has the one form
 * that every version of soketi's own driver reads correctly.
 *
 * Booleans are BOOL, because soketi reads binary booleans, the form of its own example, only in EnableClientMessages,
 * and lets a disabled app connect. Numbers are N. Webhooks are JSON in S. Absent and undefined fields stay absent.
 * https://github.com/soketi/soketi/blob/1.x/src/app-managers/dynamodb-app-manager.ts
 */
export function encodeApp(app: Partial<App>): Item {
  return Object.fromEntries(
    Object.entries(app).flatMap(([name, value]) =>
      value === undefined ? [] : [[attributeOf(name as keyof App), encode(value)]],
    ),
  )
}

/**
 * The change of an item that sets some fields of its app and unsets others. It removes the other names of these fields:
 * soketi and the lookup would use their values instead.
 */
export function changeOf(fields: Partial<App>, unset: readonly (keyof App)[] = []): Change {
  const set = encodeApp(fields)
  const names = [...(Object.keys(fields) as (keyof App)[]), ...unset].flatMap(attributesOf)
  return { set, remove: names.filter((name) => !Object.hasOwn(set, name)) }
}

function encode(value: App[keyof App]): AttributeValue {
  if (typeof value === 'boolean') return { BOOL: value }
  if (typeof value === 'number') return { N: String(value) }
  return { S: typeof value === 'string' ? value : JSON.stringify(value) }
}
