import type { AttributeValue } from '@aws-sdk/client-dynamodb'
import type { App } from '../functions/app.ts'
import { decodeItem } from '../functions/item.ts'
import { LookupError } from '../functions/lookup-error.ts'
import { MAX_KEY_BYTES } from '../functions/request.ts'
import { Failure } from './failure.ts'
import { attributeOf, FIELDS, SPELLINGS } from './fields.ts'

/** An app from a file or from options, and the names of its fields that soketi does not know. */
export type ReadApp = { readonly app: App; readonly unknown: readonly string[] }

const SWITCHES: ReadonlySet<string> = new Set(
  FIELDS.flatMap(({ name, kind }) => (kind === 'switch' ? [name] : [])),
)

/**
 * The app that a record of a foreign file describes, in any of the spellings that soketi reads (`maxConnections`,
 * `MaxConnections`, `max_connections`); as with soketi, '' and null count as absent and the last spelling wins.
 *
 * Values are judged by the decoder of the table's items, so that what is written can be read.
 *
 * @throws {Failure} that names the field and never its value.
 */
export function readApp(record: unknown): ReadApp {
  if (typeof record !== 'object' || record === null || Array.isArray(record))
    throw new Failure('is not an object with the fields of an app.')
  const values = new Map(Object.entries(record).filter(([, value]) => value !== '' && value !== null))
  const item = Object.fromEntries(
    [...SPELLINGS].flatMap(([name, spellings]) => {
      const spelling = spellings.findLast((candidate) => values.has(candidate))
      return spelling === undefined ? [] : [[attributeOf(name), typed(name, values.get(spelling))]]
    }),
  )
  const app = decode(item)
  checkPartitionKey('AppId', app.id)
  checkPartitionKey('AppKey', app.key)
  if (!app.secret.isWellFormed()) throw new Failure('AppSecret is not Unicode text.')
  const known = new Set([...SPELLINGS.values()].flat())
  return { app, unknown: Object.keys(record).filter((name) => !known.has(name)) }
}

/**
 * What is wrong with an item or a record in words for the admin, without the forms that only the table knows.
 *
 * @throws what is not the decoder's own error
 */
export function explainMalformed(error: unknown): string {
  if (!(error instanceof LookupError)) throw error
  return error.message.replace("The item's attribute ", '').replace(/ \(.*?\)/, '')
}

function decode(item: Record<string, AttributeValue>): App {
  try {
    return decodeItem(item)
  } catch (error) {
    throw new Failure(explainMalformed(error))
  }
}

/** A value of JSON or CSV in the table's types; the decoder then says whether it is right. */
function typed(name: keyof App, value: unknown): AttributeValue {
  if (typeof value === 'boolean') return { BOOL: value }
  // soketi's array driver compares ids loosely: a number there is the same id in digits.
  if (name === 'id' || name === 'key' || name === 'secret')
    return { S: Number.isSafeInteger(value) ? String(value) : typeof value === 'string' ? value : '' }
  if (typeof value === 'number') return { N: String(value) }
  if (typeof value !== 'string') return { S: JSON.stringify(value) }
  // Spreadsheets write TRUE and FALSE.
  return { S: SWITCHES.has(name) ? value.toLowerCase() : value }
}

function checkPartitionKey(attribute: string, value: string): void {
  if (!value.isWellFormed() || Buffer.byteLength(value) > MAX_KEY_BYTES)
    throw new Failure(
      `${attribute} is not 1 to ${MAX_KEY_BYTES} bytes of Unicode text, which is what DynamoDB takes.`,
    )
}
