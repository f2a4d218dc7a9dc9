import type { AttributeValue } from '@aws-sdk/client-dynamodb'
import type { App } from '../../functions/apps/app.ts'
import { HEARTBEAT_PREFIX, isHeartbeat } from '../../functions/apps/heartbeat.ts'
import { decodeItem } from '../../functions/apps/item.ts'
import { attributeOf, FIELD_NAMES, SPELLINGS } from '../../functions/apps/spellings.ts'
import { LookupError } from '../../functions/lookup-error.ts'
import { Failure } from '../terminal/failure.ts'
import { FIELDS } from './fields.ts'
import { requireKeyText } from './key-text.ts'

/** An app from a file or from options, and the names of the fields that soketi does not have. */
export type ReadApp = { readonly app: App; readonly unknown: readonly string[] }

const NUMBERS: ReadonlySet<string> = new Set(
  FIELDS.flatMap(({ name, kind }) => (kind === 'boolean' ? [] : [name])),
)

/**
 * The app in a record of a file, with any of the field names that soketi accepts (`maxConnections`, `MaxConnections`,
 * `max_connections`). As in soketi, '' and null count as absent, and if several names are present, the last one applies.
 *
 * The decoder of the table's items validates the values, so that every app that is written can be read.
 *
 * @throws {Failure} that names the field, never its value
 */
export function readApp(record: unknown): ReadApp {
  if (typeof record !== 'object' || record === null || Array.isArray(record))
    throw new Failure('is not an object with the fields of an app.')
  const present = new Map(Object.entries(record).filter(([, value]) => value !== '' && value !== null))
  const item = Object.fromEntries(
    FIELD_NAMES.flatMap((name) => {
      const spelling = SPELLINGS[name].findLast((candidate) => present.has(candidate))
      return spelling === undefined ? [] : [[attributeOf(name), toAttribute(name, present.get(spelling))]]
    }),
  )
  const app = decode(item)
  checkKey('AppId', app.id)
  checkKey('AppKey', app.key)
  if (!app.secret.isWellFormed()) throw new Failure('AppSecret is not Unicode text.')
  const known = new Set<string>(Object.values(SPELLINGS).flat())
  return { app, unknown: Object.keys(record).filter((name) => !known.has(name)) }
}

/**
 * Why an item or a record can't be decoded, without the forms that only DynamoDB items have.
 *
 * @throws every error that is not the decoder's
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

/** A value of JSON or CSV as an attribute. The decoder then validates it. */
function toAttribute(name: keyof App, value: unknown): AttributeValue {
  // soketi's array driver compares ids with ==, so the number 7 is the id '7'.
  if (name === 'id' || name === 'key' || name === 'secret')
    return { S: Number.isSafeInteger(value) ? String(value) : typeof value === 'string' ? value : '' }
  if (NUMBERS.has(name)) return { N: readNumber(name, value) }
  if (typeof value === 'boolean') return { BOOL: value }
  if (typeof value === 'number') return { N: String(value) }
  return { S: typeof value === 'string' ? value : JSON.stringify(value) }
}

const DECIMAL = /^\s*[+-]?\d+(\.\d+)?\s*$/

/** The decoder reads 12 of `12abc`, as soketi does; nobody means that in a file. */
function readNumber(name: keyof App, value: unknown): string {
  const number = typeof value === 'string' && DECIMAL.test(value) ? Number(value) : value
  const isFraction = name.endsWith('InKb')
  const isValid = isFraction
    ? typeof number === 'number' && Math.abs(number) <= Number.MAX_SAFE_INTEGER
    : Number.isSafeInteger(number)
  if (isValid) return String(number)
  const form = isFraction ? 'a number' : 'a whole number'
  throw new Failure(`${attributeOf(name)} is not ${form} within ±${Number.MAX_SAFE_INTEGER}.`)
}

function checkKey(attribute: 'AppId' | 'AppKey', value: string): void {
  if (isHeartbeat(value))
    throw new Failure(
      `${attribute} is not allowed to start with ${HEARTBEAT_PREFIX}: such items are the heartbeats of the change feed.`,
    )
  requireKeyText(attribute, value)
}
