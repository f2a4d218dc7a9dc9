import type { AttributeValue } from '@aws-sdk/client-dynamodb'
import { LookupError } from '../lookup-error.ts'
import type { App, PreviousSecret, Webhook } from './app.ts'
import { attributeOf, attributesOf } from './spellings.ts'

/** An item of the table as DynamoDB returns it: attribute name to typed value. */
export type Item = Readonly<Record<string, AttributeValue>>

/** Decodes an attribute's value: `null` if it counts as absent, `undefined` if it is malformed. */
type Decode<T> = (value: AttributeValue) => T | null | undefined

/**
 * Returns the soketi app that is stored in an item, with the values that soketi's own driver uses.
 *
 * Each field is read under every name that soketi reads, and in every form that real tables have. As in soketi, the last
 * name that is present applies, and null and empty text count as absent. Where this differs from soketi's driver on
 * purpose, test/soketi/quick/same-app.test.ts and adapter/README.md say why.
 *
 * @throws {LookupError} `app-malformed`, naming the attribute and never its value.
 */
export function decodeItem(item: Item): App {
  const read = <T>(lastFirst: readonly string[], decode: Decode<T>, form: string): T | undefined => {
    for (const attribute of lastFirst) {
      const stored = Object.hasOwn(item, attribute) ? item[attribute] : undefined
      if (!isPresent(stored)) continue
      const value = decode(stored)
      if (value === undefined) throw malformed(item, attribute, form)
      if (value !== null) return value
    }
    return undefined
  }
  const require = (field: 'id' | 'key' | 'secret'): string => {
    const value = read(attributesOf(field).toReversed(), text, A_TEXT)
    if (value === undefined) throw malformed(item, attributeOf(field), A_TEXT)
    return value
  }

  const app: Record<string, unknown> = {
    id: require('id'),
    key: require('key'),
    secret: require('secret'),
    ...previousSecretOf(item),
    enabled: true,
  }
  for (const { field, lastFirst, decode, form } of OPTIONAL_FIELDS) {
    const value = read(lastFirst, decode, form)
    if (value !== undefined) app[field] = value
  }
  return app as App
}

/** The previous secret and its end, or nothing: a half or malformed one is ignored, because the app works without it. */
export function previousSecretOf({ PreviousAppSecret, PreviousAppSecretUntil }: Item): PreviousSecret {
  const previousSecret = PreviousAppSecret?.S
  const previousSecretUntil = Number(PreviousAppSecretUntil?.N)
  return previousSecret && Number.isSafeInteger(previousSecretUntil)
    ? { previousSecret, previousSecretUntil }
    : {}
}

/** Whether an attribute has a value for soketi, which takes null and empty text for absent. */
export function isPresent(stored: AttributeValue | undefined): stored is AttributeValue {
  return stored !== undefined && stored.NULL === undefined && stored.S !== ''
}

function malformed(item: Item, attribute: string, form: string): LookupError {
  return new LookupError('app-malformed', `The item's attribute ${attribute} is not ${form}.`, {
    logFields: { attribute, appId: item.AppId?.S, appKey: item.AppKey?.S },
  })
}

const text: Decode<string> = ({ S }) => S

/** The text of an attribute that is stored as text or, as soketi's own example stores some, as binary text. */
function textOf({ S, B }: AttributeValue, encoding: 'utf8' | 'latin1' = 'utf8'): string | undefined {
  return S ?? (B && Buffer.from(B).toString(encoding))
}

/** The text of a number as soketi parses it: its driver turns N into a number of JavaScript first. */
function numeralOf(value: AttributeValue): string {
  return value.N === undefined ? (textOf(value) ?? '') : String(Number(value.N))
}

const normalize = (text: string): string => text.trim().toLowerCase()

// AWS CLI v2 decodes `{"B": "true"}` as base64 and stores the bytes b6 bb 9e. It rejects "false", which is not base64.
// https://docs.aws.amazon.com/cli/latest/userguide/cliv2-migration-changes.html#cliv2-migration-binaryparam
const decodedFromBase64 = (text: string): string => Buffer.from(text, 'base64').toString('latin1')

const BOOLEANS = new Map([
  ...['true', 't', '1', ...['true', 'True', 'TRUE'].map(decodedFromBase64)].map(
    (text) => [normalize(text), true] as const,
  ),
  ...['false', 'f', '0'].map((text) => [text, false] as const),
])

const boolean: Decode<boolean> = (value) => {
  if (value.BOOL !== undefined) return value.BOOL
  return BOOLEANS.get(normalize(value.N === undefined ? (textOf(value, 'latin1') ?? '') : numeralOf(value)))
}

const numberBy =
  (parse: (text: string) => number): Decode<number> =>
  (value) =>
    clamp(parse(numeralOf(value)))

// soketi's own functions: of `12abc` they read 12, and of `1E+3` parseInt reads 1. It has no radix there either.
const integer = numberBy(Number.parseInt)
const fraction = numberBy(Number.parseFloat)

/** The nearest number that every reader of JSON reads exactly, and that is as good as unlimited. */
function clamp(value: number): number | undefined {
  if (Number.isNaN(value)) return undefined
  // + 0 because JSON has no -0
  return Math.max(Number.MIN_SAFE_INTEGER, Math.min(Number.MAX_SAFE_INTEGER, value)) + 0
}

const webhooks: Decode<readonly Webhook[]> = (value) => {
  const json = textOf(value)
  const list = json === undefined ? value.L?.map(native) : parseJson(json)
  if (list === null) return null
  return Array.isArray(list) && isNestedWithin(list, MAX_DEPTH) && list.every(isWebhook) ? list : undefined
}

/** The deepest nesting of webhooks, which is DynamoDB's own limit for a list. Deeper values can overflow a reader's stack. */
const MAX_DEPTH = 32

function isNestedWithin(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return true
  return levels > 0 && Object.values(value).every((inner) => isNestedWithin(inner, levels - 1))
}

function isWebhook(value: unknown): value is Webhook {
  return (
    typeof value === 'object' &&
    value !== null &&
    'event_types' in value &&
    Array.isArray(value.event_types) &&
    value.event_types.every((type) => typeof type === 'string')
  )
}

function parseJson(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    return undefined
  }
}

/**
 * Converts a native list or map to JSON; binary values become null. DynamoDB does not keep the order of the members
 * of a map or set, so they are sorted: the same item has the same ETag in every region.
 */
function native({ M, L, N, S, BOOL, SS, NS }: AttributeValue): unknown {
  if (M)
    return Object.fromEntries(
      Object.keys(M)
        .sort()
        .map((name) => [name, native(M[name] as AttributeValue)]),
    )
  if (L) return L.map(native)
  if (N !== undefined) return Number(N)
  return S ?? BOOL ?? SS?.toSorted() ?? NS?.map(Number).sort((a, b) => a - b) ?? null
}

const A_TEXT = 'a non-empty string'
const A_BOOLEAN = 'a boolean (BOOL; true, t, 1, false, f or 0 in S or B; 1 or 0 in N)'
const A_NUMBER = 'a number (N, or text that begins with digits in S or B)'
const A_WEBHOOK_LIST = `a list (JSON in S or B, or L) of webhooks that each have a list of event_types, nested at most ${MAX_DEPTH} deep`

type OptionalField = Exclude<keyof App, 'id' | 'key' | 'secret' | keyof PreviousSecret>

/**
 * The decoder of each field and its form for error messages, in the order of the response. A field of {@link App} that
 * is missing here is a compiler error.
 */
const DECODERS: {
  readonly [F in OptionalField]: readonly [Decode<NonNullable<App[F]>>, string]
} = {
  enabled: [boolean, A_BOOLEAN],
  maxConnections: [integer, A_NUMBER],
  enableClientMessages: [boolean, A_BOOLEAN],
  enableUserAuthentication: [boolean, A_BOOLEAN],
  maxBackendEventsPerSecond: [integer, A_NUMBER],
  maxClientEventsPerSecond: [integer, A_NUMBER],
  maxReadRequestsPerSecond: [integer, A_NUMBER],
  maxPresenceMembersPerChannel: [integer, A_NUMBER],
  maxPresenceMemberSizeInKb: [fraction, A_NUMBER],
  maxChannelNameLength: [integer, A_NUMBER],
  maxEventChannelsAtOnce: [integer, A_NUMBER],
  maxEventNameLength: [integer, A_NUMBER],
  maxEventPayloadInKb: [fraction, A_NUMBER],
  maxEventBatchSize: [integer, A_NUMBER],
  webhooks: [webhooks, A_WEBHOOK_LIST],
}
// Reversed once, as every read of an item needs it.
const OPTIONAL_FIELDS = (
  Object.entries(DECODERS) as [OptionalField, readonly [Decode<unknown>, string]][]
).map(([field, [decode, form]]) => ({ field, lastFirst: attributesOf(field).toReversed(), decode, form }))
