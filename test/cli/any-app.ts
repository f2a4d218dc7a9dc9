import fc from 'fast-check'
import type { App, Webhook } from '../../functions/apps/app.ts'

const whole = fc.maxSafeInteger().map((value) => value + 0)
const fraction = fc
  .double({ noNaN: true, min: -Number.MAX_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER })
  .map((value) => value + 0)
const name = fc.string({ minLength: 1, maxLength: 40, unit: 'grapheme' })
const webhook: fc.Arbitrary<Webhook> = fc
  .record(
    {
      event_types: fc.array(fc.constantFrom('channel_occupied', 'client_event', 'other')),
      url: fc.webUrl(),
      headers: fc.dictionary(fc.string({ maxLength: 9 }), fc.string({ maxLength: 9 }), {
        noNullPrototype: true,
      }),
    },
    { requiredKeys: ['event_types'], noNullPrototype: true },
  )
  .filter((candidate) => !Object.hasOwn(candidate.headers ?? {}, '__proto__'))

// The type makes a field that is missing here a compiler error.
const FIELDS: { readonly [Name in keyof App]-?: fc.Arbitrary<Exclude<App[Name], undefined>> } = {
  id: name,
  key: name,
  secret: name,
  previousSecret: name,
  previousSecretUntil: whole,
  enabled: fc.boolean(),
  maxConnections: whole,
  enableClientMessages: fc.boolean(),
  enableUserAuthentication: fc.boolean(),
  maxBackendEventsPerSecond: whole,
  maxClientEventsPerSecond: whole,
  maxReadRequestsPerSecond: whole,
  maxPresenceMembersPerChannel: whole,
  maxPresenceMemberSizeInKb: fraction,
  maxChannelNameLength: whole,
  maxEventChannelsAtOnce: whole,
  maxEventNameLength: whole,
  maxEventPayloadInKb: fraction,
  maxEventBatchSize: whole,
  webhooks: fc.array(webhook, { maxLength: 3 }),
}

/** Any app that the table can hold. */
export const anyApp: fc.Arbitrary<App> = fc
  .record(FIELDS, { requiredKeys: ['id', 'key', 'secret', 'enabled'], noNullPrototype: true })
  .map(({ previousSecret, previousSecretUntil, ...app }) =>
    previousSecret !== undefined && previousSecretUntil !== undefined
      ? { ...app, previousSecret, previousSecretUntil }
      : app,
  )
