import type { App } from '../../functions/apps/app.ts'

/** A field of an app that may be absent. */
export type OptionalField = Exclude<keyof App, 'id' | 'key' | 'secret' | 'webhooks'>

/**
 * The type of a field. The type of a number says for which values soketi 1.6.1 applies no limit: for `connections` 0 and
 * below, for a `rate` per second below 0 only, for a `limit` none.
 */
export type Kind = 'boolean' | 'connections' | 'rate' | 'limit'

/** A field of an app, as an option of the commands. */
export type Field = {
  readonly name: OptionalField
  readonly kind: Kind
  /** Help text: what it does, its unit, and soketi's default. */
  readonly about: string
  /** The column in soketi's SQL tables. soketi accepts this name from every app manager. */
  readonly column: string
}

const field = (kind: Kind, column: string, about: string): Omit<Field, 'name'> => ({ kind, column, about })

// The type makes a field that is missing here a compiler error.
const BY_NAME: Readonly<Record<OptionalField, Omit<Field, 'name'>>> = {
  enabled: field('boolean', 'enabled', 'whether clients may connect (default: yes)'),
  maxConnections: field('connections', 'max_connections', 'open connections, -1 for unlimited (default: -1)'),
  enableClientMessages: field(
    'boolean',
    'enable_client_messages',
    'allow client events, client-* (default: no)',
  ),
  enableUserAuthentication: field(
    'boolean',
    'enable_user_authentication',
    'allow users to sign in, pusher:signin (default: no)',
  ),
  maxBackendEventsPerSecond: field(
    'rate',
    'max_backend_events_per_sec',
    'events per second from backends, -1 for unlimited (default: -1)',
  ),
  maxClientEventsPerSecond: field(
    'rate',
    'max_client_events_per_sec',
    'client events per second of one connection, -1 for unlimited (default: -1)',
  ),
  maxReadRequestsPerSecond: field(
    'rate',
    'max_read_req_per_sec',
    'read requests per second to the HTTP API, -1 for unlimited (default: -1)',
  ),
  maxPresenceMembersPerChannel: field(
    'limit',
    'max_presence_members_per_channel',
    'members per presence channel (default: 100)',
  ),
  maxPresenceMemberSizeInKb: field(
    'limit',
    'max_presence_member_size_in_kb',
    'data of a presence member in KB, may be a fraction (default: 2)',
  ),
  maxChannelNameLength: field(
    'limit',
    'max_channel_name_length',
    'characters in the name of a channel (default: 200)',
  ),
  maxEventChannelsAtOnce: field(
    'limit',
    'max_event_channels_at_once',
    'channels of one event (default: 100)',
  ),
  maxEventNameLength: field(
    'limit',
    'max_event_name_length',
    'characters in the name of an event (default: 200)',
  ),
  maxEventPayloadInKb: field(
    'limit',
    'max_event_payload_in_kb',
    'data of an event in KB, may be a fraction (default: 100)',
  ),
  maxEventBatchSize: field('limit', 'max_event_batch_size', 'events per batch (default: 10)'),
}

/** The fields of an app except its webhooks. The defaults are soketi 1.6.1's; the server's settings can change them. */
export const FIELDS: readonly Field[] = Object.entries(BY_NAME).map(([name, field]) => ({
  name: name as OptionalField,
  ...field,
}))

/** The attribute of a field: its name with a capital letter; `AppId`, `AppKey` and `AppSecret` for the first three. */
export function attributeOf(name: keyof App): string {
  const capital = `${name.charAt(0).toUpperCase()}${name.slice(1)}`
  return name === 'id' || name === 'key' || name === 'secret' ? `App${capital}` : capital
}

/** The option that sets a field: `--max-connections`. */
export function flagOf(name: string): string {
  return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`
}

/** The names that soketi accepts for each field. If several are present, the last one applies, as in soketi. */
export const SPELLINGS: ReadonlyMap<keyof App, readonly string[]> = new Map([
  ...(['id', 'key', 'secret', 'webhooks'] as const).map((name) => [name, [name, attributeOf(name)]] as const),
  ...FIELDS.map(({ name, column }) => [name, [...new Set([name, attributeOf(name), column])]] as const),
])
