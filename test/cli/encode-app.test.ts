import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ATTRIBUTES, encodeApp } from '../../cli/app/encode-app.ts'
import { FIELDS } from '../../cli/app/fields.ts'
import { readApp } from '../../cli/app/read-app.ts'
import { SAMPLE_APPS } from '../../dev/sample-apps.ts'
import type { App } from '../../functions/apps/app.ts'
import { decodeItem } from '../../functions/apps/item.ts'
import { FIELD_NAMES, spellingsOf } from '../../functions/apps/spellings.ts'
import { anyApp } from './any-app.ts'

describe('an app that is written', () => {
  it('is decoded as the same app', () => {
    fc.assert(
      fc.property(anyApp, (app) => {
        expect(decodeItem(encodeApp(app))).toEqual(app)
      }),
    )
  })

  it('has each value in the form that every version of soketi reads correctly', () => {
    fc.assert(
      fc.property(anyApp, (app) => {
        for (const [attribute, value] of Object.entries(encodeApp(app))) {
          expect([...ATTRIBUTES]).toContain(attribute)
          const field = FIELDS.find(({ name }) => name.toLowerCase() === attribute.toLowerCase())
          const isTime = attribute === 'PreviousAppSecretUntil'
          const type = field?.kind === 'boolean' ? 'BOOL' : field || isTime ? 'N' : 'S'
          expect(Object.keys(value)).toEqual([type])
        }
      }),
    )
  })

  it('has no attribute for a field that the app does not have', () => {
    const app: App = { id: 'a', key: 'k', secret: 's', enabled: false }
    expect(encodeApp(app)).toEqual({
      AppId: { S: 'a' },
      AppKey: { S: 'k' },
      AppSecret: { S: 's' },
      Enabled: { BOOL: false },
    })
  })

  it('knows every attribute that the decoder reads', () => {
    const limited = SAMPLE_APPS.find(({ AppId }) => AppId?.S === 'limited') ?? {}
    expect([...ATTRIBUTES]).toEqual(expect.arrayContaining(Object.keys(limited)))
  })
})

describe('an app of a file', () => {
  it('is the same app with each of the field names that soketi accepts', () => {
    fc.assert(
      fc.property(anyApp, (app) => {
        expect(readApp(JSON.parse(JSON.stringify(app)))).toEqual({ app, unknown: [] })
        const columns = Object.entries(app).map(([name, value]) => [
          spellingsOf(name as keyof App)[2] ?? name,
          typeof value === 'string' ? value : JSON.stringify(value),
        ])
        // A row of CSV or SQL has text only. Numbers that are so small that they have an exponent are left out.
        if (!columns.some(([, value]) => /^-?[\d.]+e/.test(value ?? '')))
          expect(readApp(Object.fromEntries(columns)).app).toEqual(app)
      }),
    )
  })

  it('is an app that can be written and read, or is rejected with a sentence, for any record', () => {
    const record = fc.dictionary(fc.constantFrom(...FIELD_NAMES, 'AppId', 'other'), fc.jsonValue())
    fc.assert(
      fc.property(fc.oneof(record, fc.jsonValue()), (value) => {
        let app: App
        try {
          app = readApp(value).app
        } catch (error) {
          expect(error).toMatchObject({
            name: 'Failure',
            message: expect.stringMatching(/^(is not|[\w -]+ (is not|is missing|and [\w -]+ differ)).*\.$/),
          })
          return
        }
        expect(decodeItem(encodeApp(app))).toEqual(app)
      }),
    )
  })

  it.each([
    ['takes a number for an id', { id: 7 }, { id: '7' }],
    [
      'takes the last spelling that is present',
      { maxConnections: 1, MaxConnections: 2, max_connections: 3 },
      { maxConnections: 3 },
    ],
    ['takes empty and null for absent', { maxConnections: '', MaxConnections: null }, {}],
    [
      "takes a spreadsheet's booleans",
      { enabled: 'FALSE', enable_client_messages: '1' },
      { enabled: false, enableClientMessages: true },
    ],
  ])('%s', (_, record, expected) => {
    const { app } = readApp({ id: 'a', key: 'k', secret: 's', ...record })
    expect(app).toEqual({ id: 'a', key: 'k', secret: 's', enabled: true, ...expected })
  })

  it('has the names of the fields that soketi does not have', () => {
    expect(readApp({ id: 'a', key: 'k', secret: 's', maxConection: 1 }).unknown).toEqual(['maxConection'])
  })

  it.each([
    [{ key: 'k'.repeat(2049) }, /AppKey is not 1 to 2048 bytes/],
    [{ id: '\ud800' }, /AppId is not 1 to 2048 bytes of Unicode/],
    [{ secret: '\ud800hidden' }, /AppSecret is not Unicode text/],
    [{ secret: { hidden: 1 } }, /^secret is not a non-empty string, but an object\.$/],
    [{ previousSecret: 'hidden' }, /^previousSecretUntil is missing, or empty\.$/],
    [{ previousSecretUntil: 4102444800 }, /^previousSecret is missing, or empty\.$/],
    [
      { previousSecret: 'hidden', previousSecretUntil: '2100-01-01' },
      /^previousSecretUntil is not a whole number of seconds since 1970, but text\.$/,
    ],
    [{ maxConnections: 'hidden' }, /^maxConnections is not a .*, but text\.$/],
    [{ webhooks: [{ url: 'hidden' }] }, /^webhooks is not a list of webhooks .*, but a list\.$/],
  ])('is rejected without its values: %j', (record, message) => {
    const read = () => readApp({ id: 'a', key: 'k', secret: 's', ...record })
    expect(read).toThrow(message)
    expect(read).not.toThrow(/hidden/)
  })
})
