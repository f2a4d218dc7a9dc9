import type { AttributeValue } from '@aws-sdk/client-dynamodb'
import type { App } from '../../functions/apps/app.ts'
import { FIELDS } from './fields.ts'
import { parseOr } from './parse-json.ts'

/** The fields that are text, so that a number in a file is its digits. */
export const TEXT_FIELDS: ReadonlySet<keyof App> = new Set(['id', 'key', 'secret', 'previousSecret'])

/** Whether a value of a file counts as absent, as in soketi: null and empty text. */
export function isAbsent(value: unknown): boolean {
  const { NULL, S } = toAttribute(value)
  return NULL !== undefined || S === ''
}

/**
 * A value of a file as the attribute of a field: a value of JSON, text as in CSV, or typed as in DynamoDB's JSON
 * (`{"N": "100"}`). The decoder of items then validates it.
 */
export function readValue(field: keyof App, value: unknown): AttributeValue {
  const attribute = toAttribute(value)
  const text = attribute.S ?? attribute.N
  // soketi's array driver compares ids with ==, so the number 7 is the id '7'.
  if (TEXT_FIELDS.has(field)) return { S: isExactText(value) ? (text ?? '') : '' }
  if (text === undefined) return attribute
  if (field === 'webhooks') return readWebhooks(text)
  if (BOOLEANS.has(field)) return { S: BOOLEANS_IN_BASE64.get(text) ?? text }
  return attribute.N !== undefined || DECIMAL.test(text) ? { N: String(Number(text)) } : { S: text }
}

const DECIMAL = /^\s*[+-]?\d+(\.\d+)?\s*$/

/** What a value of a file is, for error messages. */
export function describeValue(value: unknown): string {
  const { S, N, B, BOOL, L, M } = toAttribute(value)
  if (typeof value === 'object' && S !== undefined && !isTyped(value))
    return Array.isArray(value) ? 'a list' : 'an object'
  if (S !== undefined) return 'text'
  if (N !== undefined) return 'another number'
  if (BOOL !== undefined) return 'true or false'
  if (B !== undefined) return 'binary'
  return L ? 'a list' : M ? 'an object' : 'something else'
}

const BOOLEANS: ReadonlySet<keyof App> = new Set(
  FIELDS.flatMap(({ name, kind }) => (kind === 'boolean' ? [name] : [])),
)
// AWS's console writes binary values as base64 into its CSV.
const BOOLEANS_IN_BASE64 = new Map(
  ['true', 'false'].map((text) => [Buffer.from(text).toString('base64'), text]),
)

function toAttribute(value: unknown): AttributeValue {
  if (isTyped(value)) return value.B ? { B: Buffer.from(String(value.B), 'base64') } : value
  if (value === null || value === undefined) return { NULL: true }
  if (typeof value === 'boolean') return { BOOL: value }
  if (typeof value === 'number') return { N: String(value) }
  return { S: typeof value === 'string' ? value : JSON.stringify(value) }
}

/** Whether the attribute has all of the value: JSON's parser rounds large numbers, and an object is no text. */
function isExactText(value: unknown): boolean {
  return typeof value === 'string' || Number.isSafeInteger(value) || isTyped(value)
}

function isTyped(value: unknown): value is AttributeValue {
  if (typeof value !== 'object' || value === null) return false
  const [[type, content] = [], ...others] = Object.entries(value)
  return others.length === 0 && TYPES[type ?? '']?.(content) === true
}

const isText = (content: unknown): boolean => typeof content === 'string'

// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_AttributeValue.html
const TYPES: Readonly<Record<string, (content: unknown) => boolean>> = {
  S: isText,
  N: isText,
  B: isText,
  BOOL: (content) => typeof content === 'boolean',
  NULL: (content) => content === true,
  M: (content) => typeof content === 'object' && content !== null,
  L: Array.isArray,
}

/** JSON, or the list of typed values that AWS's console writes into its CSV. */
function readWebhooks(text: string): AttributeValue {
  const list = parseOr(text, undefined)
  return Array.isArray(list) && list.length > 0 && list.every(isTyped) ? { L: list } : { S: text }
}
