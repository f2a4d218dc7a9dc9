import type { AttributeValue } from '@aws-sdk/client-dynamodb'
import { heartbeatIdOf } from '../functions/heartbeat.ts'
import type { Item } from '../functions/item.ts'

/** An item of the embedded table, and what it is there to show. */
export type Sample = { readonly shows: string; readonly item: Item }

const B = (text: string): AttributeValue => ({ B: Buffer.from(text) })
const S = (text: string): AttributeValue => ({ S: text })
const N = (number: number): AttributeValue => ({ N: String(number) })

/** An item whose key and secret follow from its id, so that they are easy to guess: samples, not secrets. */
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

// As soketi's documentation has it: https://docs.soketi.app/app-management/dynamodb
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

/** One item for each way in which an app can be stored, be unusual, or be broken. */
export const SAMPLES: readonly Sample[] = [
  sample('demo', "an app as soketi's documentation stores it", asDocumented),
  sample('legacy', 'an item from before soketi 0.29', { MaxConnections: N(-1), Enabled: B('true') }),
  sample('bare', 'nothing but id, key and secret'),
  sample('disabled', 'an app that exists and is disabled', { ...asDocumented, Enabled: B('false') }),
  sample('native', 'booleans as BOOL, webhooks as a list', {
    Enabled: { BOOL: true },
    EnableClientMessages: { BOOL: true },
    EnableUserAuthentication: { BOOL: false },
    MaxConnections: N(100),
    Webhooks: { L: [nativeWebhook] },
  }),
  sample('cli-v2', 'booleans as AWS CLI v2 writes them', {
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
  sample('limited', 'every limit that soketi knows', {
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
  sample('extra', 'attributes that are no part of an app', {
    ...asDocumented,
    Owner: S('somebody'),
    UpdatedAt: N(1),
  }),
  sample('lookup', "an id that is a part of the API's paths"),
  sample('by-key', 'another one'),
  sample('demo-key', "an id that is another app's key", { AppKey: S('id-is-a-key-key') }),
  sample('böse / 👾 ?#%', 'an id and a key that no path can carry', { AppKey: S('clé / 🔑 ?#%') }),
  sample('longest', 'a key of 2,048 bytes', { AppKey: S('k'.repeat(2048)) }),
  sample('twin-1', 'two apps that share a key', { AppKey: S('twin-key') }),
  sample('twin-2', 'the other one', { AppKey: S('twin-key') }),
  sample(heartbeatIdOf('eu-west-1'), "another region's heartbeat, which is no app", {
    AppKey: S(heartbeatIdOf('eu-west-1')),
    Enabled: { BOOL: false },
  }),
  { shows: 'an item without a secret', item: { AppId: S('no-secret'), AppKey: S('no-secret-key') } },
  { shows: 'an item without a key', item: { AppId: S('no-key'), AppSecret: S('no-key-secret') } },
  sample('bad-boolean', 'a boolean that is none', { Enabled: S('yes') }),
  sample('bad-number', 'a number that is none', { MaxConnections: S('many') }),
  sample('bad-webhooks', 'webhooks that are no list', { Webhooks: S('{"url":"https://example.com/hook"}') }),
  sample('bad-event-types', 'a webhook without event_types', {
    Webhooks: S('[{"url":"https://example.com/hook"}]'),
  }),
]

/** The items of the samples. */
export const SAMPLE_APPS: readonly Item[] = SAMPLES.map(({ item }) => item)
