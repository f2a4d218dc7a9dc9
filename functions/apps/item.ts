import type { AttributeValue } from '@aws-sdk/client-dynamodb'
import { LookupError } from '../lookup-error.ts'
import type { App, Webhook } from './app.ts'

/** An item of the table as DynamoDB returns it: attribute name to typed value. */
export type Item = Readonly<Record<string, AttributeValue>>

type Decode<T> = (value: AttributeValue) => T | undefined

/**
 * Returns the soketi app that is stored in an item.
 *
 * Booleans and numbers are read in every form that real tables hold (soketi's example, AWS CLI v1 and v2,
 * SDKs, hand-written items); an absent attribute stays absent; unknown attributes are ignored.
 *
 * @throws {LookupError} `app-malformed`, naming the attribute and never its value.
 */
export function decodeItem(item: Item): App {
  const read = <T>(attribute: string, decode: Decode<T>, form: string): T | undefined => {
    const stored = Object.hasOwn(item, attribute) ? item[attribute] : undefined
    if (stored === undefined) return undefined
    const value = decode(stored)
    if (value === undefined) throw malformed(item, attribute, form)
    return value
  }
  const required = (attribute: string): string => {
    const value = read(attribute, text, 'a non-empty string')
    if (value === undefined) throw malformed(item, attribute, 'a non-empty string')
    return value
  }

  const app: Record<string, unknown> = {
    id: required('AppId'),
    key: required('AppKey'),
    secret: required('AppSecret'),
    enabled: true,
  }
  for (const [field, [attribute, decode, form]] of OPTIONAL_FIELDS) {
    const value = read<unknown>(attribute, decode, form)
    if (value !== undefined) app[field] = value
  }
  return app as App
}

function malformed(item: Item, attribute: string, form: string): LookupError {
  return new LookupError('app-malformed', `The item's attribute ${attribute} is not ${form}.`, {
    logFields: { attribute, appId: item.AppId?.S, appKey: item.AppKey?.S },
  })
}

const text: Decode<string> = ({ S }) => S || undefined

// soketi's own example stores booleans as binary text. AWS CLI v2 decodes `{"B": "true"}` as base64 and stores
// the bytes b6 bb 9e. It rejects `{"B": "false"}`, which is not base64.
// https://docs.aws.amazon.com/cli/latest/userguide/cliv2-migration-changes.html#cliv2-migration-binaryparam
const BINARY_BOOLEANS = new Map([
  ['true', true],
  ['false', false],
  ['\xb6\xbb\x9e', true],
])
const TEXT_BOOLEANS = new Map([
  ['true', true],
  ['1', true],
  ['false', false],
  ['0', false],
])

const boolean: Decode<boolean> = ({ BOOL, B, S, N }) => {
  if (BOOL !== undefined) return BOOL
  if (B !== undefined) return BINARY_BOOLEANS.get(Buffer.from(B).toString('latin1'))
  if (S !== undefined) return TEXT_BOOLEANS.get(S)
  if (N === undefined) return undefined
  return Number(N) === 1 ? true : Number(N) === 0 ? false : undefined
}

const DECIMAL = /^-?\d+(\.\d+)?$/

const fraction: Decode<number> = ({ N, S }) => {
  const value = N !== undefined ? Number(N) : S !== undefined && DECIMAL.test(S) ? Number(S) : Number.NaN
  return Math.abs(value) <= Number.MAX_SAFE_INTEGER ? value : undefined
}

const integer: Decode<number> = (stored) => {
  const value = fraction(stored)
  return Number.isSafeInteger(value) ? value : undefined
}

const webhooks: Decode<readonly Webhook[]> = ({ S, L }) => {
  const list = S !== undefined ? parseJson(S) : L?.map(native)
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

const A_BOOLEAN = 'a boolean (BOOL, or true or false as text, binary text or number)'
const AN_INTEGER = 'a whole number (N, or decimal digits in S) within ±9007199254740991'
const A_NUMBER = 'a number (N, or a decimal in S) within ±9007199254740991'
const A_WEBHOOK_LIST = `a list (JSON in S, or L) of webhooks that each have a list of event_types, nested at most ${MAX_DEPTH} deep`

type OptionalField = Exclude<keyof App, 'id' | 'key' | 'secret'>

/**
 * The attribute of each field, its decoder, and its form for error messages, in the order of the response. A field of
 * {@link App} that is missing here is a compiler error.
 */
const OPTIONAL_ATTRIBUTES: {
  readonly [F in OptionalField]: readonly [string, Decode<NonNullable<App[F]>>, string]
} = {
  enabled: ['Enabled', boolean, A_BOOLEAN],
  maxConnections: ['MaxConnections', integer, AN_INTEGER],
  enableClientMessages: ['EnableClientMessages', boolean, A_BOOLEAN],
  enableUserAuthentication: ['EnableUserAuthentication', boolean, A_BOOLEAN],
  maxBackendEventsPerSecond: ['MaxBackendEventsPerSecond', integer, AN_INTEGER],
  maxClientEventsPerSecond: ['MaxClientEventsPerSecond', integer, AN_INTEGER],
  maxReadRequestsPerSecond: ['MaxReadRequestsPerSecond', integer, AN_INTEGER],
  maxPresenceMembersPerChannel: ['MaxPresenceMembersPerChannel', integer, AN_INTEGER],
  maxPresenceMemberSizeInKb: ['MaxPresenceMemberSizeInKb', fraction, A_NUMBER],
  maxChannelNameLength: ['MaxChannelNameLength', integer, AN_INTEGER],
  maxEventChannelsAtOnce: ['MaxEventChannelsAtOnce', integer, AN_INTEGER],
  maxEventNameLength: ['MaxEventNameLength', integer, AN_INTEGER],
  maxEventPayloadInKb: ['MaxEventPayloadInKb', fraction, A_NUMBER],
  maxEventBatchSize: ['MaxEventBatchSize', integer, AN_INTEGER],
  webhooks: ['Webhooks', webhooks, A_WEBHOOK_LIST],
}
const OPTIONAL_FIELDS = Object.entries<readonly [string, Decode<unknown>, string]>(OPTIONAL_ATTRIBUTES)
