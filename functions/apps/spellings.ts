import type { App } from './app.ts'

/**
 * The attributes of each field of an app. This project writes the first. soketi also looks for a field under its own
 * name, before these; if several are present, the last one applies, and null and empty text count as absent. It does not
 * know the previous secret.
 * https://github.com/soketi/soketi/blob/1.x/src/app.ts
 */
const ATTRIBUTES = {
  id: ['AppId'],
  key: ['AppKey'],
  secret: ['AppSecret'],
  previousSecret: ['PreviousAppSecret'],
  previousSecretUntil: ['PreviousAppSecretUntil'],
  enabled: ['Enabled'],
  maxConnections: ['MaxConnections', 'max_connections'],
  enableClientMessages: ['EnableClientMessages', 'enable_client_messages'],
  enableUserAuthentication: ['EnableUserAuthentication', 'enable_user_authentication'],
  maxBackendEventsPerSecond: ['MaxBackendEventsPerSecond', 'max_backend_events_per_sec'],
  maxClientEventsPerSecond: ['MaxClientEventsPerSecond', 'max_client_events_per_sec'],
  maxReadRequestsPerSecond: ['MaxReadRequestsPerSecond', 'max_read_req_per_sec'],
  maxPresenceMembersPerChannel: ['MaxPresenceMembersPerChannel', 'max_presence_members_per_channel'],
  maxPresenceMemberSizeInKb: ['MaxPresenceMemberSizeInKb', 'max_presence_member_size_in_kb'],
  maxChannelNameLength: ['MaxChannelNameLength', 'max_channel_name_length'],
  maxEventChannelsAtOnce: ['MaxEventChannelsAtOnce', 'max_event_channels_at_once'],
  maxEventNameLength: ['MaxEventNameLength', 'max_event_name_length'],
  maxEventPayloadInKb: ['MaxEventPayloadInKb', 'max_event_payload_in_kb'],
  maxEventBatchSize: ['MaxEventBatchSize', 'max_event_batch_size'],
  webhooks: ['Webhooks'],
} as const satisfies Readonly<Record<keyof App, readonly [string, string?]>>

/** Every field of an app, in the order of the response. */
export const FIELD_NAMES = Object.keys(ATTRIBUTES) as readonly (keyof App)[]

/** The attribute in which this project writes a field. */
export function attributeOf(name: keyof App): string {
  return ATTRIBUTES[name][0]
}

/** The names under which soketi looks for a field, in its order. */
export function spellingsOf(name: keyof App): readonly string[] {
  return [name, ...ATTRIBUTES[name]]
}

/**
 * The attributes from which a field is read; the last one that is present applies. The table's keys have one each, and so
 * has the previous secret.
 */
export function attributesOf(name: keyof App): readonly string[] {
  return WITH_ONE_ATTRIBUTE.has(name) ? [attributeOf(name)] : spellingsOf(name)
}

const WITH_ONE_ATTRIBUTE: ReadonlySet<keyof App> = new Set([
  'id',
  'key',
  'previousSecret',
  'previousSecretUntil',
])
