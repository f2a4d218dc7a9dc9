import type { AttributeValue } from '@aws-sdk/client-dynamodb'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeItem, type Item } from '../../functions/apps/item.ts'
import { attributeOf, FIELD_NAMES, spellingsOf } from '../../functions/apps/spellings.ts'
import type { LookupError } from '../../functions/lookup-error.ts'
import { bytes, DECODED, failureOf, REQUIRED } from './required-item.ts'

/** Every stored form of a boolean. */
const formsOf = (value: boolean): AttributeValue[] => [
  { BOOL: value },
  { N: value ? '1' : '0' },
  ...(value
    ? ['true', 'TRUE', 'True', ' true ', 't', 'T', '1']
    : ['false', 'FALSE', 'False', 'f', '0']
  ).flatMap((text) => [{ S: text }, bytes(text)]),
  // What AWS CLI v2 stores for `{"B": "true"}`, `{"B": "True"}` and `{"B": "TRUE"}`.
  ...(value ? [bytes('\xb6\xbb\x9e'), bytes('N\xbb\x9e'), bytes('M\x15\x04')] : []),
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
// The table's keys and the previous secret have one name each.
const SOKETI_FIELDS = FIELD_NAMES.filter(
  (name) => name !== 'id' && name !== 'key' && !name.startsWith('previous'),
)
const field = (attribute: string) => `${attribute.charAt(0).toLowerCase()}${attribute.slice(1)}`

describe('decodeItem', () => {
  it('has a test below for every field', () => {
    const others = ['AppId', 'AppKey', 'AppSecret', 'PreviousAppSecret', 'PreviousAppSecretUntil', 'Webhooks']
    const tried = [...others, ...BOOLEANS, ...INTEGERS, ...FRACTIONS].length
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

  it.each([...INTEGERS, ...FRACTIONS])('reads %s as N, S and B, for any safe integer', (attribute) => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), fc.constantFrom('N', 'S', 'B'), (value, type) => {
        const form = type === 'B' ? bytes(String(value)) : { [type]: String(value) }
        const item = { ...REQUIRED, [attribute]: form } as Item
        expect(decodeItem(item)).toEqual({ ...DECODED, [field(attribute)]: value })
      }),
    )
  })

  it.each<[string, number, number?]>([
    [' 100 ', 100],
    ['100.5', 100, 100.5],
    ['+5', 5],
    ['12abc', 12],
    ['1E+3', 1, 1000],
    ['0x10', 16, 0],
    ['9007199254740993', Number.MAX_SAFE_INTEGER],
    ['-99999999999999999999', Number.MIN_SAFE_INTEGER],
  ])('reads the text %j as the number that soketi reads', (S, integer, fraction = integer) => {
    for (const attribute of [...INTEGERS, ...FRACTIONS])
      expect(decodeItem({ ...REQUIRED, [attribute]: { S } })).toEqual({
        ...DECODED,
        [field(attribute)]: FRACTIONS.includes(attribute) ? fraction : integer,
      })
  })

  it.each([...INTEGERS, ...FRACTIONS])('rejects %s in any other form', (attribute) => {
    const forms: AttributeValue[] = [
      ...[' ', 'many', 'NaN', '٣', '--1', '$5'].flatMap((text) => [{ S: text }, bytes(text)]),
      bytes(''),
      { BOOL: true },
      { L: [{ N: '1' }] },
      { NS: ['1'] },
    ]
    for (const form of forms)
      expect(failureOf({ ...REQUIRED, [attribute]: form }).message).toContain(attribute)
  })

  it.each(BOOLEANS)('rejects %s in any other form', (attribute) => {
    const forms: AttributeValue[] = [
      ...[' ', 'off', 'on', 'no', 'yes', 'null', '2', 'truee'].flatMap((text) => [{ S: text }, bytes(text)]),
      bytes(''),
      { N: '2' },
      { N: '-1' },
      { M: {} },
    ]
    for (const form of forms)
      expect(failureOf({ ...REQUIRED, [attribute]: form }).message).toContain(attribute)
  })

  it.each([...BOOLEANS, ...INTEGERS, ...FRACTIONS, 'Webhooks'])(
    'takes null and empty text in %s for absent',
    (attribute) => {
      for (const form of [{ NULL: true as const }, { S: '' }])
        expect(decodeItem({ ...REQUIRED, [attribute]: form })).toEqual(DECODED)
    },
  )

  it.each(SOKETI_FIELDS)('reads %s under each name, and the last one that is present', (name) => {
    const [first, last]: [AttributeValue, AttributeValue] =
      name === 'webhooks'
        ? [{ S: '[{"event_types":[]}]' }, { S: '[]' }]
        : name === 'secret'
          ? [{ S: 'first' }, { S: 'last' }]
          : [{ N: '1' }, { N: '0' }]
    const { AppSecret: _, ...keys } = REQUIRED
    const required = name === 'secret' ? keys : REQUIRED
    const names = spellingsOf(name)
    const decoded = (attributes: Item) => decodeItem({ ...required, ...attributes })[name]
    const [firstValue, lastValue] = [first, last].map((form) => decoded({ [attributeOf(name)]: form }))
    expect(firstValue).not.toEqual(lastValue)
    for (const [index, spelling] of names.entries()) {
      expect(decoded({ [spelling]: first })).toEqual(firstValue)
      for (const later of names.slice(index + 1)) {
        expect(decoded({ [later]: last, [spelling]: first })).toEqual(lastValue)
        expect(decoded({ [later]: { NULL: true }, [spelling]: first })).toEqual(firstValue)
      }
    }
  })

  it('reads a previous secret and its end', () => {
    const stored = {
      PreviousAppSecret: { S: 'the-previous-secret' },
      PreviousAppSecretUntil: { N: '4102444800' },
    }
    expect(decodeItem({ ...REQUIRED, ...stored })).toEqual({
      ...DECODED,
      previousSecret: 'the-previous-secret',
      previousSecretUntil: 4_102_444_800,
    })
  })

  it('ignores a previous secret that is half, malformed or under another name', () => {
    const secret = { S: 'the-previous-secret' }
    const until = { N: '4102444800' }
    const notTimes: AttributeValue[] = [
      { S: '4102444800' },
      { N: '0.5' },
      { NULL: true },
      bytes('4102444800'),
    ]
    const notSecrets: AttributeValue[] = [{ S: '' }, { N: '1' }, { NULL: true }, bytes('text')]
    const items: Item[] = [
      { PreviousAppSecret: secret },
      { PreviousAppSecretUntil: until },
      { previousSecret: secret, previousSecretUntil: until },
      { previous_app_secret: secret, previous_app_secret_until: until },
      ...notTimes.map((form) => ({ PreviousAppSecret: secret, PreviousAppSecretUntil: form })),
      ...notSecrets.map((form) => ({ PreviousAppSecret: form, PreviousAppSecretUntil: until })),
    ]
    for (const item of items) expect(decodeItem({ ...REQUIRED, ...item })).toEqual(DECODED)
  })

  it('reads the id and the key from the keys of the table only', () => {
    expect(decodeItem({ ...REQUIRED, id: { S: 'other' }, key: { N: '7' } })).toEqual(DECODED)
    const { AppKey: _, ...rest } = REQUIRED
    expect(failureOf({ ...rest, key: { S: 'key' } }).message).toContain('AppKey')
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
    const attribute = fc.constantFrom<string>(...FIELD_NAMES.flatMap(spellingsOf))
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
