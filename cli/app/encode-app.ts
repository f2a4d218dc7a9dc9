import type { AttributeValue } from '@aws-sdk/client-dynamodb'
import type { App } from '../../functions/apps/app.ts'
import type { Item } from '../../functions/apps/item.ts'
import { attributeOf, FIELD_NAMES } from '../../functions/apps/spellings.ts'

/** Every attribute that soketi knows, in the order of a response. */
export const ATTRIBUTES: readonly string[] = FIELD_NAMES.map(attributeOf)

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

function encode(value: App[keyof App]): AttributeValue {
  if (typeof value === 'boolean') return { BOOL: value }
  if (typeof value === 'number') return { N: String(value) }
  return { S: typeof value === 'string' ? value : JSON.stringify(value) }
}
