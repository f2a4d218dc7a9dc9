/** A soketi webhook as the endpoint returns it; soketi stops when one has no `event_types`. */
export type Webhook = {
  readonly event_types: readonly string[]
  readonly [field: string]: unknown
}

/**
 * A soketi app in soketi's own names, checked: no field has a type that soketi would misread.
 *
 * `id`, `key`, `secret` and `enabled` are always there; a field that the app lacks is absent, and soketi then
 * applies the server's default. Rates are per second, -1 is unlimited; sizes are in kilobytes.
 *
 * After a rotation, `previousSecret` is accepted beside `secret` until `previousSecretUntil` (seconds since 1970), or not
 * even so long: use {@link AppLookup.previousSecret}, which knows when it is over.
 */
export type App = {
  readonly id: string
  readonly key: string
  readonly secret: string
  readonly previousSecret?: string
  readonly previousSecretUntil?: number
  readonly enabled: boolean
  readonly maxConnections?: number
  readonly enableClientMessages?: boolean
  readonly enableUserAuthentication?: boolean
  readonly maxBackendEventsPerSecond?: number
  readonly maxClientEventsPerSecond?: number
  readonly maxReadRequestsPerSecond?: number
  readonly maxPresenceMembersPerChannel?: number
  readonly maxPresenceMemberSizeInKb?: number
  readonly maxChannelNameLength?: number
  readonly maxEventChannelsAtOnce?: number
  readonly maxEventNameLength?: number
  readonly maxEventPayloadInKb?: number
  readonly maxEventBatchSize?: number
  readonly webhooks?: readonly Webhook[]
}

/** Whether this is an object in the sense of JSON. */
export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Whether a JSON value is nested no deeper than this. */
export const isNestedWithin = (depth: number, value: unknown): boolean =>
  typeof value !== 'object' ||
  value === null ||
  (depth > 0 && Object.values(value).every((inner) => isNestedWithin(depth - 1, inner)))

/** How deep webhooks can be nested at the endpoint; deeper ones could overflow the stack. */
const MAX_DEPTH = 32

type Check = (value: unknown) => boolean

const isText: Check = (value) => typeof value === 'string' && value !== ''
const isBoolean: Check = (value) => typeof value === 'boolean'
const isNumber: Check = (value) => typeof value === 'number' && Number.isFinite(value)
const isWebhook: Check = (value) =>
  isObject(value) &&
  Array.isArray(value.event_types) &&
  value.event_types.every((type) => typeof type === 'string')

const checks: Readonly<Record<keyof App, Check>> = {
  id: isText,
  key: isText,
  secret: isText,
  previousSecret: isText,
  previousSecretUntil: Number.isSafeInteger,
  enabled: isBoolean,
  maxConnections: isNumber,
  enableClientMessages: isBoolean,
  enableUserAuthentication: isBoolean,
  maxBackendEventsPerSecond: isNumber,
  maxClientEventsPerSecond: isNumber,
  maxReadRequestsPerSecond: isNumber,
  maxPresenceMembersPerChannel: isNumber,
  maxPresenceMemberSizeInKb: isNumber,
  maxChannelNameLength: isNumber,
  maxEventChannelsAtOnce: isNumber,
  maxEventNameLength: isNumber,
  maxEventPayloadInKb: isNumber,
  maxEventBatchSize: isNumber,
  webhooks: (value) => Array.isArray(value) && isNestedWithin(MAX_DEPTH, value) && value.every(isWebhook),
}
const required: readonly string[] = ['id', 'key', 'secret', 'enabled'] satisfies (keyof App)[]
const previous: readonly (keyof App)[] = ['previousSecret', 'previousSecretUntil']

/**
 * The app in a response, or the name of the field that makes it unusable; never a value.
 *
 * Only known fields are copied: soketi also reads `AppKey` and `app_key`, and takes the last of them. A numeric id
 * becomes a string, as soketi needs it; null means absent, as in soketi. Without both of its fields, there is no previous
 * secret: that is never a reason to refuse the app.
 */
export function parseApp(value: unknown): App | { readonly wrongField: string } {
  if (!isObject(value)) return { wrongField: 'app' }
  const app: Record<string, unknown> = {}
  const hasPrevious = previous.every((field) => checks[field](value[field]))
  for (const [field, check] of Object.entries(checks)) {
    if (!hasPrevious && previous.includes(field as keyof App)) continue
    const given = field === 'id' && Number.isSafeInteger(value[field]) ? String(value[field]) : value[field]
    const isAbsent = given === undefined || given === null
    if (isAbsent ? required.includes(field) : !check(given)) return { wrongField: field }
    if (!isAbsent) app[field] = given
  }
  return Object.freeze(app) as App // every field has been checked
}
