import type { AttributeValue } from '@aws-sdk/client-dynamodb'
import fc from 'fast-check'
import { FIELDS } from '../../../cli/app/fields.ts'
import type { App } from '../../../functions/apps/app.ts'
import type { Item } from '../../../functions/apps/item.ts'
import { FIELD_NAMES, spellingsOf } from '../../../functions/apps/spellings.ts'

type Values = fc.Arbitrary<AttributeValue>

const S = (text: string): AttributeValue => ({ S: text })
const N = (number: number | string): AttributeValue => ({ N: String(number) })
const B = (text: string): AttributeValue => ({ B: Buffer.from(text, 'latin1') })

const inEachType = (texts: fc.Arbitrary<string>): Values => fc.oneof(texts.map(S), texts.map(B))

/** Values of any type, few of which are a valid value of any field. */
const odd: Values = fc.oneof(
  inEachType(fc.string({ minLength: 1 })),
  fc.constantFrom<AttributeValue>(
    { NULL: true },
    S(''),
    B(''),
    { L: [] },
    { L: [N(5)] },
    { M: {} },
    { M: { valueOf: N(1) } },
    { SS: ['true'] },
    { NS: ['1'] },
    N(2),
    { BOOL: true },
  ),
)

const TRUE_AND_FALSE = ['true', 'false', 'TRUE', 'False', 't', 'f', '1', '0', ' true ', 'off', 'yes', 'null']
const booleans: Values = fc.oneof(
  fc.boolean().map((BOOL) => ({ BOOL })),
  fc.constantFrom(N(0), N(1)),
  inEachType(fc.constantFrom(...TRUE_AND_FALSE)),
  fc.constant(B('\xb6\xbb\x9e')),
)

const NUMERALS = [
  ' 100 ',
  '+5',
  '1E+3',
  '0x10',
  '12abc',
  '100.5',
  '.5',
  '5.',
  '1,000',
  '-0',
  '٣',
  'Infinity',
  'many',
]
const numbers: Values = fc.oneof(
  fc.integer({ min: -2, max: 300 }).map(N),
  fc.constantFrom(0.5, 100.5, -0.5, 1e-7, 2 ** 53, 1e20, 1e21, 1e125).map(N),
  inEachType(fc.oneof(fc.integer({ min: -2, max: 300 }).map(String), fc.constantFrom(...NUMERALS))),
)

// Nothing listens there: soketi sends webhooks.
const URL = 'http://127.0.0.1:9/'
const webhook = fc.constantFrom(
  { url: URL, event_types: ['channel_occupied'] },
  { url: URL, event_types: [], headers: { 'X-Auth': 'sample' }, filter: { channel_name_starts_with: 'a' } },
)
const webhookList = fc.array(webhook, { maxLength: 2 })
const BROKEN_WEBHOOKS = [
  ...['[', '{}', '7', '"x"', 'null', '[null]', '[{}]', `[{"url":"${URL}","event_types":"client_event"}]`],
  `[{"url":"${URL}","event_types":[],"deep":${'['.repeat(40)}${']'.repeat(40)}}]`,
]
const eventSet: AttributeValue = { SS: ['client_event', 'member_added'] }
const withEventSet: AttributeValue = { M: { url: S(URL), event_types: eventSet } }
const webhooks: Values = fc.oneof(
  webhookList.map((list) => S(JSON.stringify(list))),
  webhookList.map((list) => B(JSON.stringify(list))),
  webhookList.map((list) => toNative(list)),
  fc.constantFrom(...BROKEN_WEBHOOKS).map(S),
  fc.constant<AttributeValue>({ L: [withEventSet] }),
)

const secrets: Values = fc.constantFrom<AttributeValue>(
  S('sample-secret'),
  S('another-secret'),
  N(7),
  B('secret'),
)

const VALUES = {
  ...Object.fromEntries(FIELDS.map(({ name, kind }) => [name, kind === 'boolean' ? booleans : numbers])),
  secret: secrets,
  previousSecret: secrets,
  previousSecretUntil: numbers,
  webhooks,
} as Readonly<Record<Exclude<keyof App, 'id' | 'key'>, Values>>

const attribute = fc.constantFrom(...FIELD_NAMES).chain((field) => {
  // The table's keys have one name each and are text. soketi reads these names too, but never applies them.
  if (field === 'id' || field === 'key') return fc.tuple(fc.constant<string>(field), odd)
  const value = fc.oneof({ weight: 8, arbitrary: VALUES[field] }, { weight: 1, arbitrary: odd })
  return fc.tuple(fc.constantFrom<string>(...spellingsOf(field)), value)
})

/** Any item that the table can have: a few fields, under any of their names, in any type and form. */
export const anyItem: fc.Arbitrary<Item> = fc
  .record({
    AppKey: fc.option(fc.constant(S('any-key')), { freq: 15, nil: undefined }),
    AppSecret: fc.option(fc.constant(S('any-secret')), { nil: undefined }),
    attributes: fc.array(attribute, { maxLength: 6 }),
  })
  .map(({ AppKey, AppSecret, attributes }) => ({
    AppId: S('any'),
    ...(AppKey && { AppKey }),
    ...(AppSecret && { AppSecret }),
    ...Object.fromEntries(attributes),
  }))

function toNative(value: unknown): AttributeValue {
  if (typeof value === 'string') return S(value)
  if (Array.isArray(value)) return { L: value.map(toNative) }
  return {
    M: Object.fromEntries(Object.entries(value as object).map(([name, inner]) => [name, toNative(inner)])),
  }
}
