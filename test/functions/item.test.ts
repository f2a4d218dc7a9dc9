import type { AttributeValue } from '@aws-sdk/client-dynamodb'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeItem, type Item } from '../../functions/apps/item.ts'
import { FIELD_NAMES } from '../../functions/apps/spellings.ts'
import type { LookupError } from '../../functions/lookup-error.ts'
import { bytes, DECODED, failureOf, REQUIRED } from './required-item.ts'

/** Every stored form of a boolean. */
const formsOf = (value: boolean): AttributeValue[] => [
  { BOOL: value },
  bytes(String(value)),
  { S: String(value) },
  { S: value ? '1' : '0' },
  { N: value ? '1' : '0' },
  ...(value ? [bytes('\xb6\xbb\x9e')] : []),
]

const BOOLEANS = ['Enabled', 'EnableClientMessages', 'EnableUserAuthentication']
const INTEGERS = [
  'MaxConnections',
  'MaxBackendEventsPerSecond',
  'MaxClientEventsPerSecond',
  'MaxReadRequestsPerSecond',
  'MaxPresenceMembersPerChannel',
  'MaxChannelNameLength',
  'MaxEventChannelsAtOnce',
  'MaxEventNameLength',
  'MaxEventBatchSize',
]
const FRACTIONS = ['MaxPresenceMemberSizeInKb', 'MaxEventPayloadInKb']
const field = (attribute: string) => `${attribute.charAt(0).toLowerCase()}${attribute.slice(1)}`

describe('decodeItem', () => {
  it('has a test below for every field', () => {
    const tried = ['AppId', 'AppKey', 'AppSecret', ...BOOLEANS, ...INTEGERS, ...FRACTIONS, 'Webhooks'].length
    expect(tried, 'test/functions/item.test.ts: BOOLEANS, INTEGERS and FRACTIONS').toBe(FIELD_NAMES.length)
  })

  it('reads an item with only the required attributes', () => {
    expect(decodeItem(REQUIRED)).toEqual(DECODED)
  })

  it.each(BOOLEANS)('reads %s in every stored form', (attribute) => {
    for (const value of [true, false])
      for (const form of formsOf(value))
        expect(decodeItem({ ...REQUIRED, [attribute]: form })).toEqual({
          ...DECODED,
          [field(attribute)]: value,
        })
  })

  it.each([...INTEGERS, ...FRACTIONS])('reads %s as N and as S, for any safe integer', (attribute) => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), fc.constantFrom('N', 'S'), (value, type) => {
        const item = { ...REQUIRED, [attribute]: { [type]: String(value) } } as Item
        expect(decodeItem(item)).toEqual({ ...DECODED, [field(attribute)]: value })
      }),
    )
  })

  it.each(FRACTIONS)('reads %s with a fraction', (attribute) => {
    expect(decodeItem({ ...REQUIRED, [attribute]: { N: '0.5' } })).toHaveProperty(field(attribute), 0.5)
    expect(decodeItem({ ...REQUIRED, [attribute]: { S: '12.25' } })).toHaveProperty(field(attribute), 12.25)
  })

  it.each(INTEGERS)('refuses %s with a fraction, or beyond what a number can hold', (attribute) => {
    for (const text of ['0.5', '9007199254740992', '-9007199254740992', '1e400'])
      expect(failureOf({ ...REQUIRED, [attribute]: { N: text } }).code).toBe('app-malformed')
  })

  it.each([...INTEGERS, ...FRACTIONS])('refuses %s in any other form', (attribute) => {
    const forms: AttributeValue[] = [
      ...['', ' 1', '1 ', '+1', '0x10', '1e3', '.5', '5.', '1_000', 'Infinity', 'NaN', '٣'].map((S) => ({
        S,
      })),
      { BOOL: true },
      { NULL: true },
      bytes('1'),
      { L: [{ N: '1' }] },
      { NS: ['1'] },
    ]
    for (const form of forms)
      expect(failureOf({ ...REQUIRED, [attribute]: form }).message).toContain(attribute)
  })

  it.each(BOOLEANS)('refuses %s in any other form', (attribute) => {
    const forms: AttributeValue[] = [
      ...['', 'TRUE', 'yes', ' true', '2'].map((S) => ({ S })),
      { N: '2' },
      { NULL: true },
      bytes(''),
      bytes('TRUE'),
      bytes('1'),
      { M: {} },
    ]
    for (const form of forms)
      expect(failureOf({ ...REQUIRED, [attribute]: form }).message).toContain(attribute)
  })

  it.each(['AppId', 'AppKey', 'AppSecret'])(
    'rejects an item whose %s is missing, empty or not text',
    (attribute) => {
      const { [attribute]: _, ...rest } = REQUIRED
      for (const item of [
        rest,
        ...[{ S: '' }, { N: '1' }, bytes('id'), { NULL: true as const }].map((form) => ({
          ...rest,
          [attribute]: form,
        })),
      ])
        expect(failureOf(item)).toMatchObject({
          code: 'app-malformed',
          message: expect.stringContaining(attribute),
        })
    },
  )

  it('ignores unknown attributes, whatever their name is', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.constant<AttributeValue>({ S: 'x' })), (unknown) => {
        expect(decodeItem({ ...unknown, ...REQUIRED })).toEqual(DECODED)
      }),
    )
    expect(
      decodeItem(
        JSON.parse(
          '{"__proto__":{"S":"x"},"constructor":{"S":"x"},"AppId":{"S":"id"},"AppKey":{"S":"key"},"AppSecret":{"S":"the-secret"}}',
        ),
      ),
    ).toEqual(DECODED)
  })

  it('decodes any item, or names the malformed attribute without its value', () => {
    const value: fc.Arbitrary<AttributeValue> = fc.oneof(
      fc.string().map((S) => ({ S })),
      fc
        .oneof(fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true }))
        .map((number) => ({ N: String(number) })),
      fc.uint8Array().map((B) => ({ B })),
      fc.boolean().map((BOOL) => ({ BOOL })),
      fc.constant({ NULL: true as const }),
      fc.json().map((S) => ({ S })),
    )
    const attribute = fc.constantFrom('AppId', 'AppKey', ...BOOLEANS, ...INTEGERS, ...FRACTIONS, 'Webhooks')
    fc.assert(
      fc.property(fc.dictionary(attribute, value), (others) => {
        const item = { ...REQUIRED, ...others, AppSecret: { S: 'canary-secret' } }
        try {
          const app = decodeItem(item)
          expect(JSON.parse(JSON.stringify(app))).toEqual(app)
        } catch (error) {
          expect(error).toMatchObject({ name: 'LookupError', code: 'app-malformed' })
          expect(JSON.stringify([(error as Error).message, (error as LookupError).logFields])).not.toContain(
            'canary',
          )
        }
      }),
      { numRuns: 1000 },
    )
  })
})
