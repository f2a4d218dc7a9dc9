import type { App } from '../functions/app.ts'

/** A field of an app that may be absent. */
export type OptionalField = Exclude<keyof App, 'id' | 'key' | 'secret' | 'webhooks'>

/**
 * How soketi 1.6.1 reads a number: `connections` unlimited from 0 down, a `rate` per second unlimited below 0 only,
 * a `limit` never unlimited.
 */
export type Kind = 'switch' | 'connections' | 'rate' | 'limit'

/** A setting of an app as the admin sees it. */
export type Field = {
  readonly name: OptionalField
  readonly kind: Kind
  /** What it does, its unit, and what soketi does without it. */
  readonly about: string
  /** The column of soketi's SQL tables; soketi reads this spelling from any store. */
  readonly column: string
}

const field = (name: OptionalField, kind: Kind, column: string, about: string): Field => ({
  name,
  kind,
  column,
  about,
})

/** Every setting of an app but its webhooks. The defaults are soketi 1.6.1's, which its operator can change. */
export const FIELDS: readonly Field[] = [
  field('enabled', 'switch', 'enabled', 'whether clients may connect (default: yes)'),
  field(
    'maxConnections',
    'connections',
    'max_connections',
    'sockets open at once, -1 is unlimited (default: -1)',
  ),
  field(
    'enableClientMessages',
    'switch',
    'enable_client_messages',
    'let clients send client-* events (default: no)',
  ),
  field(
    'enableUserAuthentication',
    'switch',
    'enable_user_authentication',
    'let users sign in, see pusher:signin (default: no)',
  ),
  field(
    'maxBackendEventsPerSecond',
    'rate',
    'max_backend_events_per_sec',
    'events a second from backends, -1 is unlimited (default: -1)',
  ),
  field(
    'maxClientEventsPerSecond',
    'rate',
    'max_client_events_per_sec',
    'events a second from one client, -1 is unlimited (default: -1)',
  ),
  field(
    'maxReadRequestsPerSecond',
    'rate',
    'max_read_req_per_sec',
    'reading HTTP requests a second, -1 is unlimited (default: -1)',
  ),
  field(
    'maxPresenceMembersPerChannel',
    'limit',
    'max_presence_members_per_channel',
    'members of a presence channel (default: 100)',
  ),
  field(
    'maxPresenceMemberSizeInKb',
    'limit',
    'max_presence_member_size_in_kb',
    "size of a presence member's data in KB, may be a fraction (default: 2)",
  ),
  field(
    'maxChannelNameLength',
    'limit',
    'max_channel_name_length',
    "characters of a channel's name (default: 200)",
  ),
  field(
    'maxEventChannelsAtOnce',
    'limit',
    'max_event_channels_at_once',
    'channels that one event goes to (default: 100)',
  ),
  field(
    'maxEventNameLength',
    'limit',
    'max_event_name_length',
    "characters of an event's name (default: 200)",
  ),
  field(
    'maxEventPayloadInKb',
    'limit',
    'max_event_payload_in_kb',
    "size of an event's data in KB, may be a fraction (default: 100)",
  ),
  field('maxEventBatchSize', 'limit', 'max_event_batch_size', 'events in one batch (default: 10)'),
]

/** The attribute of the table that holds a field: soketi's name with a capital, `AppId` and the like for the first three. */
export function attributeOf(name: keyof App): string {
  const capital = `${name.charAt(0).toUpperCase()}${name.slice(1)}`
  return name === 'id' || name === 'key' || name === 'secret' ? `App${capital}` : capital
}

/** The option that sets a field: `--max-connections`. */
export function flagOf(name: string): string {
  return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`
}

/** Every field with the spellings that soketi reads, as its App does: the last one that is present counts. */
export const SPELLINGS: ReadonlyMap<keyof App, readonly string[]> = new Map([
  ...(['id', 'key', 'secret', 'webhooks'] as const).map((name) => [name, [name, attributeOf(name)]] as const),
  ...FIELDS.map(({ name, column }) => [name, [...new Set([name, attributeOf(name), column])]] as const),
])
