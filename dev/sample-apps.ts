import type { AttributeValue } from '@aws-sdk/client-dynamodb'
import { heartbeatIdOf } from '../functions/apps/heartbeat.ts'
import type { Item } from '../functions/apps/item.ts'

/** An item of the embedded table, and what it shows. */
export type Sample = { readonly shows: string; readonly item: Item }

const B = (text: string): AttributeValue => ({ B: Buffer.from(text) })
const S = (text: string): AttributeValue => ({ S: text })
const N = (number: number): AttributeValue => ({ N: String(number) })

/** An item whose key and secret are derived from its id. */
export const itemOf = (id: string, attributes: Item = asDocumented): Item => ({
  AppId: S(id),
  AppKey: S(`${id}-key`),
  AppSecret: S(`${id}-secret`),
  ...attributes,
})
const sample = (id: string, shows: string, attributes: Item = {}): Sample => ({
  shows,
  item: itemOf(id, attributes),
})

// As in soketi's documentation: https://docs.soketi.app/app-management/dynamodb
const asDocumented: Item = {
  MaxConnections: N(200),
  EnableClientMessages: B('false'),
  Enabled: B('true'),
  MaxBackendEventsPerSecond: N(-1),
  MaxClientEventsPerSecond: N(-1),
  MaxReadRequestsPerSecond: N(-1),
  Webhooks: S('[]'),
}
const webhook = {
  url: 'https://example.com/hook',
  event_types: ['channel_occupied'],
  headers: { 'X-Auth': 'sample' },
}
const nativeWebhook: AttributeValue = {
  M: {
    url: S(webhook.url),
    event_types: { L: [S('channel_occupied')] },
    headers: { M: { 'X-Auth': S('sample') } },
  },
}

/** An item for each form in which an app can be stored, each special case, and each kind of malformed item. */
export const SAMPLES: readonly Sample[] = [
  sample('demo', "an app as soketi's documentation stores it", asDocumented),
  sample('legacy', 'an item from before soketi 0.29', { MaxConnections: N(-1), Enabled: B('true') }),
  sample('bare', 'only an id, a key and a secret'),
  sample('disabled', 'a disabled app', { ...asDocumented, Enabled: B('false') }),
  sample('rotated', 'a previous secret that is valid until 2100', {
    MaxConnections: N(200),
    Webhooks: S('[]'),
    PreviousAppSecret: S('rotated-previous-secret'),
    PreviousAppSecretUntil: N(4102444800),
  }),
  sample('after-rotation', 'a previous secret that is over', {
    PreviousAppSecret: S('after-rotation-previous-secret'),
    PreviousAppSecretUntil: N(1700000000),
  }),
  sample('native', 'booleans as BOOL, webhooks as a list', {
    Enabled: { BOOL: true },
    EnableClientMessages: { BOOL: true },
    EnableUserAuthentication: { BOOL: false },
    MaxConnections: N(100),
    Webhooks: { L: [nativeWebhook] },
  }),
  sample('cli-v2', 'booleans as written by AWS CLI v2', {
    Enabled: { B: Buffer.from('true', 'base64') },
    EnableClientMessages: B('true'),
  }),
  sample('text', 'booleans and numbers as text', {
    Enabled: S('1'),
    EnableClientMessages: S('false'),
    EnableUserAuthentication: N(1),
    MaxConnections: S('50'),
    MaxEventPayloadInKb: S('0.5'),
  }),
  sample('limited', 'every limit of soketi', {
    Enabled: { BOOL: true },
    MaxConnections: N(2),
    MaxBackendEventsPerSecond: N(10),
    MaxClientEventsPerSecond: N(0),
    MaxReadRequestsPerSecond: N(5),
    MaxPresenceMembersPerChannel: N(3),
    MaxPresenceMemberSizeInKb: N(1.5),
    MaxChannelNameLength: N(64),
    MaxEventChannelsAtOnce: N(4),
    MaxEventNameLength: N(32),
    MaxEventPayloadInKb: N(0.25),
    MaxEventBatchSize: N(2),
  }),
  sample('webhooks', 'a webhook with headers, and user authentication', {
    ...asDocumented,
    EnableUserAuthentication: B('true'),
    Webhooks: S(JSON.stringify([webhook])),
  }),
  sample('odd-webhook', "a webhook that soketi can't use", {
    Webhooks: S('[{"event_types":["channel_occupied"],"url":7,"headers":"none","filter":[]}]'),
  }),
  sample('extra', 'attributes that soketi does not know', {
    ...asDocumented,
    Owner: S('somebody'),
    UpdatedAt: N(1),
  }),
  sample('lookup', "an id that is also a segment of the API's paths"),
  sample('by-key', 'another such id'),
  sample('demo-key', "an id that is another app's key", { AppKey: S('id-is-a-key-key') }),
  sample('böse / 👾 ?#%', 'an id and a key that need POST', { AppKey: S('clé / 🔑 ?#%') }),
  sample('longest', 'a key of 2,048 bytes', { AppKey: S('k'.repeat(2048)) }),
  sample('twin-1', 'two apps that share a key', { AppKey: S('twin-key') }),
  sample('twin-2', 'the second of them', { AppKey: S('twin-key') }),
  sample(heartbeatIdOf('eu-west-1'), "another region's heartbeat, not an app", {
    AppKey: S(heartbeatIdOf('eu-west-1')),
    Enabled: { BOOL: false },
  }),
  { shows: 'malformed: no secret', item: { AppId: S('no-secret'), AppKey: S('no-secret-key') } },
  { shows: 'malformed: no key', item: { AppId: S('no-key'), AppSecret: S('no-key-secret') } },
  sample('bad-boolean', 'malformed: a boolean of another value', { Enabled: S('yes') }),
  sample('bad-number', 'malformed: text instead of a number', { MaxConnections: S('many') }),
  sample('bad-webhooks', 'malformed: webhooks that are not a list', {
    Webhooks: S('{"url":"https://example.com/hook"}'),
  }),
  sample('bad-event-types', 'malformed: a webhook without event_types', {
    Webhooks: S('[{"url":"https://example.com/hook"}]'),
  }),
]

/** The items of the samples. */
export const SAMPLE_APPS: readonly Item[] = SAMPLES.map(({ item }) => item)
