import type { AttributeValue } from '@aws-sdk/client-dynamodb'
import type { Item } from '../functions/item.ts'

const B = (text: string): AttributeValue => ({ B: Buffer.from(text) })
const S = (text: string): AttributeValue => ({ S: text })
const N = (number: number): AttributeValue => ({ N: String(number) })

/** An item with an id; its key and secret follow from it, so that they are easy to guess: samples, not secrets. */
const sample = (id: string, attributes: Item = {}): Item => ({
  AppId: S(id),
  AppKey: S(`${id}-key`),
  AppSecret: S(`${id}-secret`),
  ...attributes,
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

/** One item for each way in which an app can be stored, be unusual, or be broken. */
export const SAMPLE_APPS: readonly Item[] = [
  sample('demo', asDocumented),
  sample('legacy', { MaxConnections: N(-1), Enabled: B('true') }),
  sample('bare'),
  sample('disabled', { ...asDocumented, Enabled: B('false') }),
  sample('native', {
    Enabled: { BOOL: true },
    EnableClientMessages: { BOOL: true },
    EnableUserAuthentication: { BOOL: false },
    MaxConnections: N(100),
    Webhooks: {
      L: [
        {
          M: {
            url: S(webhook.url),
            event_types: { L: [S('channel_occupied')] },
            headers: { M: { 'X-Auth': S('sample') } },
          },
        },
      ],
    },
  }),
  sample('cli-v2', { Enabled: { B: Buffer.from('true', 'base64') }, EnableClientMessages: B('true') }),
  sample('text', {
    Enabled: S('1'),
    EnableClientMessages: S('false'),
    EnableUserAuthentication: N(1),
    MaxConnections: S('50'),
    MaxEventPayloadInKb: S('0.5'),
  }),
  sample('limited', {
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
  sample('webhooks', {
    ...asDocumented,
    EnableUserAuthentication: B('true'),
    Webhooks: S(JSON.stringify([webhook])),
  }),
  sample('extra', { ...asDocumented, Owner: S('somebody'), UpdatedAt: N(1) }),
  // Names that are also parts of the API's paths.
  sample('lookup'),
  sample('by-key'),
  // An id that is another app's key.
  sample('demo-key', { AppKey: S('id-is-a-key-key') }),
  // Ids and keys that no path can carry.
  sample('böse / 👾 ?#%', { AppKey: S('clé / 🔑 ?#%') }),
  sample('longest', { AppKey: S('k'.repeat(2048)) }),
  // Two apps that share a key.
  sample('twin-1', { AppKey: S('twin-key') }),
  sample('twin-2', { AppKey: S('twin-key') }),
  // Items that can't be an app.
  { AppId: S('no-secret'), AppKey: S('no-secret-key') },
  { AppId: S('no-key'), AppSecret: S('no-key-secret') },
  sample('bad-boolean', { Enabled: S('yes') }),
  sample('bad-number', { MaxConnections: S('many') }),
  sample('bad-webhooks', { Webhooks: S('{"url":"https://example.com/hook"}') }),
  sample('bad-event-types', { Webhooks: S('[{"url":"https://example.com/hook"}]') }),
]
