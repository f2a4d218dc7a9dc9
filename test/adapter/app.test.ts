import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type App, parseApp } from '../../adapter/lookup/app.ts'
import { appWith } from './endpoint-double.ts'

const wrong = (field: string) => ({ wrongField: field })

describe('an app in an answer', () => {
  it('keeps every field that soketi knows', () => {
    const app: App = {
      ...appWith(),
      previousSecret: 'made-up-secret-2',
      previousSecretUntil: 1_800_000_000,
      maxConnections: -1,
      enableClientMessages: true,
      enableUserAuthentication: false,
      maxBackendEventsPerSecond: 0,
      maxClientEventsPerSecond: 1,
      maxReadRequestsPerSecond: 2,
      maxPresenceMembersPerChannel: 3,
      maxPresenceMemberSizeInKb: 0.5,
      maxChannelNameLength: 4,
      maxEventChannelsAtOnce: 5,
      maxEventNameLength: 6,
      maxEventPayloadInKb: 7.5,
      maxEventBatchSize: 8,
      webhooks: [{ event_types: ['channel_occupied'], url: 'https://example.com', headers: { a: 'b' } }],
    }
    expect(parseApp(JSON.parse(JSON.stringify(app)))).toEqual(app)
  })

  it.each(['id', 'key', 'secret'])('is rejected without a %s, or with an empty one', (field) => {
    for (const value of [undefined, null, '', true, {}, ['a']])
      expect(parseApp({ ...appWith(), [field]: value })).toEqual(wrong(field))
  })

  it('has no previous secret if its fields are malformed, or one is absent', () => {
    for (const previousSecret of [undefined, null, '', 5, 'previous'])
      for (const previousSecretUntil of [undefined, null, '1800000000', 0.5, Number.NaN])
        expect(parseApp(appWith({ previousSecret, previousSecretUntil }))).toEqual(appWith())
    expect(parseApp(appWith({ previousSecretUntil: 1_800_000_000 }))).toEqual(appWith())
  })

  it('is rejected when it does not say whether it is enabled', () => {
    expect(parseApp(appWith({ enabled: undefined }))).toEqual(wrong('enabled'))
  })

  it.each(['enabled', 'enableClientMessages', 'enableUserAuthentication'])(
    'is rejected with %s as text',
    (field) => {
      for (const value of ['false', '', 0, { type: 'Buffer', data: [] }])
        expect(parseApp(appWith({ [field]: value }))).toEqual(wrong(field))
    },
  )

  it('is rejected with a limit that is not a finite number', () => {
    for (const value of ['10', 'abc', Number.POSITIVE_INFINITY, Number.NaN, true, [1]])
      expect(parseApp(appWith({ maxConnections: value }))).toEqual(wrong('maxConnections'))
  })

  it('is rejected with a webhook that would stop soketi', () => {
    for (const webhooks of [{}, '[]', [null], [{}], [{ event_types: 'all' }], [{ event_types: [1] }]])
      expect(parseApp(appWith({ webhooks }))).toEqual(wrong('webhooks'))
  })

  it('gets a numeric id as text, as soketi needs it', () => {
    expect(parseApp({ ...appWith(), id: 42 })).toEqual(appWith({ id: '42' }))
    expect(parseApp({ ...appWith(), id: 4.2 })).toEqual(wrong('id'))
  })

  it('has no field for null', () => {
    expect(parseApp(appWith({ maxConnections: null, webhooks: null }))).toEqual(appWith())
  })

  it('loses the other spellings, which soketi would prefer', () => {
    const other = { AppId: 'b', AppKey: 'b', AppSecret: 'b', app_key: 'b', Enabled: true, somethingNew: 1 }
    expect(parseApp(appWith(other))).toEqual(appWith())
  })

  it('becomes an app or the name of an invalid field, for any input', () => {
    const field = fc.oneof(fc.anything(), fc.string(), fc.boolean(), fc.double())
    const value = fc.oneof(
      fc.anything(),
      fc.record({
        id: field,
        key: field,
        secret: field,
        enabled: field,
        maxConnections: field,
        webhooks: field,
      }),
    )
    fc.assert(
      fc.property(value, (given) => {
        const app = parseApp(given)
        if ('wrongField' in app) return /^[a-zA-Z]+$/.test(app.wrongField)
        return (
          [app.id, app.key, app.secret].every((text) => typeof text === 'string' && text !== '') &&
          typeof app.enabled === 'boolean' &&
          ['number', 'undefined'].includes(typeof app.maxConnections) &&
          (app.webhooks ?? []).every(({ event_types }) => Array.isArray(event_types))
        )
      }),
      { numRuns: 500 },
    )
  })
})
