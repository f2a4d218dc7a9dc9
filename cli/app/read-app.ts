import type { AttributeValue } from '@aws-sdk/client-dynamodb'
import type { App } from '../../functions/apps/app.ts'
import { HEARTBEAT_PREFIX, isHeartbeat } from '../../functions/apps/heartbeat.ts'
import { decodeItem, type Item } from '../../functions/apps/item.ts'
import { attributeOf, FIELD_NAMES } from '../../functions/apps/spellings.ts'
import { LookupError } from '../../functions/lookup-error.ts'
import { Failure } from '../terminal/failure.ts'
import { printable } from '../terminal/format.ts'
import { FIELDS } from './fields.ts'
import { requireKeyText } from './key-text.ts'
import { fieldOf, namesOf } from './record-names.ts'
import { describeValue, isAbsent, readValue, TEXT_FIELDS } from './record-values.ts'

/** An app from a file or from options, and the names of the fields that soketi does not have. */
export type ReadApp = { readonly app: App; readonly unknown: readonly string[] }

/**
 * The app in a record of a file, by the names that {@link fieldOf} knows. As in soketi, '' and null count as absent, and
 * if several names of a field are present, the last one applies.
 *
 * The decoder of the table's items validates the values, so that every app that is written can be read.
 *
 * @throws {Failure} that names the field as the record does, never its value
 */
export function readApp(record: unknown): ReadApp {
  if (typeof record !== 'object' || record === null || Array.isArray(record))
    throw new Failure('is not an object with the fields of an app.')
  const entries = new Map(FIELD_NAMES.flatMap((field) => findEntry(record, field) ?? []))
  const app = decode(entries)
  checkKey('AppId', app.id)
  checkKey('AppKey', app.key)
  for (const name of ['secret', 'previousSecret'] as const)
    if (app[name]?.isWellFormed() === false) throw new Failure(`${attributeOf(name)} is not Unicode text.`)
  return { app, unknown: Object.keys(record).filter((name) => fieldOf(name) === undefined) }
}

/** The id in a record that may be no app. */
export function findId(record: unknown): string | undefined {
  if (typeof record !== 'object' || record === null) return undefined
  const name = namesOf(record, 'id').at(-1)
  return name === undefined ? undefined : readValue('id', (record as Fields)[name]).S || undefined
}

type Fields = Readonly<Record<string, unknown>>

/** A name of a field in a record, and its value. */
type Entry = { readonly name: string; readonly value: unknown }

function findEntry(record: object, field: keyof App): [[keyof App, Entry]] | undefined {
  const present = namesOf(record, field)
    .map((name) => ({ name, value: (record as Fields)[name] }))
    .filter(({ value }) => !isAbsent(value))
  const [last, ...others] = present.toReversed()
  if (last === undefined) return undefined
  const other = others.find(({ value }) => readValue(field, value).S !== readValue(field, last.value).S)
  if (other && TEXT_FIELDS.has(field))
    throw new Failure(
      `${printable(other.name)} and ${printable(last.name)} differ. Remove the one that is not the ${field} of the app.`,
    )
  return [[field, last]]
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

function decode(entries: ReadonlyMap<keyof App, Entry>): App {
  const item: Item = Object.fromEntries(
    [...entries].map(([field, { value }]) => [attributeOf(field), readValue(field, value)]),
  )
  try {
    const app = decodeItem(item)
    requirePreviousSecret(app, entries, item)
    for (const { name } of FIELDS) requireExact(attributeOf(name), app[name], item[attributeOf(name)])
    return app
  } catch (error) {
    throw new Failure(explain(error, entries))
  }
}

/** Rejects a number that soketi reads as another one: of 0.5 and of `12abc` it reads 0 and 12. Nobody means that in a file. */
function requireExact(attribute: string, value: unknown, stored: AttributeValue | undefined): void {
  if (typeof value !== 'number' || value === Number(stored?.N)) return
  const form = attribute.endsWith('InKb') ? 'a number' : 'a whole number'
  const message = `The item's attribute ${attribute} is not ${form} within ±${Number.MAX_SAFE_INTEGER}.`
  throw new LookupError('app-malformed', message, { logFields: { attribute } })
}

/** Rejects a previous secret that the decoder ignores. Nobody means that in a file. */
function requirePreviousSecret(app: App, entries: ReadonlyMap<keyof App, Entry>, item: Item): void {
  const isGiven = entries.has('previousSecret') || entries.has('previousSecretUntil')
  if (!isGiven || app.previousSecret !== undefined) return
  const [attribute, form] = item.PreviousAppSecret?.S
    ? ['PreviousAppSecretUntil', 'a whole number of seconds since 1970']
    : ['PreviousAppSecret', 'a non-empty string']
  const message = `The item's attribute ${attribute} is not ${form}.`
  throw new LookupError('app-malformed', message, { logFields: { attribute } })
}

function explain(error: unknown, entries: ReadonlyMap<keyof App, Entry>): string {
  const message = explainMalformed(error)
  const attribute = error instanceof LookupError && error.logFields.attribute
  const field = FIELD_NAMES.find((name) => attributeOf(name) === attribute)
  if (field === undefined) return message
  const entry = entries.get(field)
  if (entry === undefined) return `${field} is missing, or empty.`
  const isBoolean = FIELDS.some(({ name, kind }) => name === field && kind === 'boolean')
  return `${printable(entry.name)}${message.slice(attributeOf(field).length, -1)}, but ${describeValue(entry.value)}.${isBoolean ? ' Use true or false.' : ''}`
}

function checkKey(attribute: 'AppId' | 'AppKey', value: string): void {
  if (isHeartbeat(value))
    throw new Failure(
      `${attribute} is not allowed to start with ${HEARTBEAT_PREFIX}: such items are the heartbeats of the change feed.`,
    )
  requireKeyText(attribute, value)
}
