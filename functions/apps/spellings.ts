import type { App } from './app.ts'

/**
 * The attributes in which soketi looks for each field of an app. If several are present, the last one applies; null and
 * empty text count as absent. This project writes the second.
 * https://github.com/soketi/soketi/blob/1.x/src/app.ts
 */
export const SPELLINGS = {
  id: ['id', 'AppId'],
  key: ['key', 'AppKey'],
  secret: ['secret', 'AppSecret'],
  enabled: ['enabled', 'Enabled'],
  maxConnections: ['maxConnections', 'MaxConnections', 'max_connections'],
  enableClientMessages: ['enableClientMessages', 'EnableClientMessages', 'enable_client_messages'],
  enableUserAuthentication: [
    'enableUserAuthentication',
    'EnableUserAuthentication',
    'enable_user_authentication',
  ],
  maxBackendEventsPerSecond: [
    'maxBackendEventsPerSecond',
    'MaxBackendEventsPerSecond',
    'max_backend_events_per_sec',
  ],
  maxClientEventsPerSecond: [
    'maxClientEventsPerSecond',
    'MaxClientEventsPerSecond',
    'max_client_events_per_sec',
  ],
  maxReadRequestsPerSecond: ['maxReadRequestsPerSecond', 'MaxReadRequestsPerSecond', 'max_read_req_per_sec'],
  maxPresenceMembersPerChannel: [
    'maxPresenceMembersPerChannel',
    'MaxPresenceMembersPerChannel',
    'max_presence_members_per_channel',
  ],
  maxPresenceMemberSizeInKb: [
    'maxPresenceMemberSizeInKb',
    'MaxPresenceMemberSizeInKb',
    'max_presence_member_size_in_kb',
  ],
  maxChannelNameLength: ['maxChannelNameLength', 'MaxChannelNameLength', 'max_channel_name_length'],
  maxEventChannelsAtOnce: ['maxEventChannelsAtOnce', 'MaxEventChannelsAtOnce', 'max_event_channels_at_once'],
  maxEventNameLength: ['maxEventNameLength', 'MaxEventNameLength', 'max_event_name_length'],
  maxEventPayloadInKb: ['maxEventPayloadInKb', 'MaxEventPayloadInKb', 'max_event_payload_in_kb'],
  maxEventBatchSize: ['maxEventBatchSize', 'MaxEventBatchSize', 'max_event_batch_size'],
  webhooks: ['webhooks', 'Webhooks'],
} as const satisfies Readonly<Record<keyof App, readonly [string, string, string?]>>

/** Every field of an app, in the order of the response. */
export const FIELD_NAMES = Object.keys(SPELLINGS) as readonly (keyof App)[]

/** The attribute in which this project writes a field. */
export function attributeOf(name: keyof App): string {
  return SPELLINGS[name][1]
}

/** The attributes from which a field is read; the last one that is present applies. The table's keys have one each. */
export function attributesOf(name: keyof App): readonly string[] {
  return name === 'id' || name === 'key' ? [attributeOf(name)] : SPELLINGS[name]
}
