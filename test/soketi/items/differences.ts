import type { AttributeValue } from '@aws-sdk/client-dynamodb'
import { FIELDS } from '../../../cli/app/fields.ts'
import type { App } from '../../../functions/apps/app.ts'
import type { Item } from '../../../functions/apps/item.ts'
import { FIELD_NAMES, spellingsOf } from '../../../functions/apps/spellings.ts'
import { type Effects, NO_APP, readBySoketi } from './effects.ts'

/** What an item can have that the lookup reads differently from soketi's own driver, on purpose. */
export type Difference = {
  /** Its row in adapter/README.md, which says why. */
  readonly name: string
  readonly example: Item
  /** Whether the value that soketi's driver applies to a field differs. */
  readonly isIn: (field: keyof App, value: AttributeValue | undefined) => boolean
  /** What the lookup reads instead. Without it, the lookup fails. */
  readonly read?: (value: AttributeValue) => unknown
}

const APP: Item = { AppId: { S: 'id' }, AppKey: { S: 'key' }, AppSecret: { S: 'secret' } }
const { AppKey: _, ...WITHOUT_KEY } = APP
const HOOK = { url: { S: 'https://example.com' }, event_types: { SS: ['client_event'] } }

/** Every intended difference. */
export const DIFFERENCES: readonly Difference[] = [
  {
    name: 'a boolean as text or binary',
    example: { ...APP, Enabled: { S: 'false' } },
    isIn: (field, value) => isBoolean(field) && textOf(value) !== undefined && meaningOf(value) !== undefined,
    read: meaningOf,
  },
  {
    name: 'any other value of a boolean',
    example: { ...APP, Enabled: { S: 'off' } },
    isIn: (field, value) => isBoolean(field) && value !== undefined && meaningOf(value) === undefined,
  },
  {
    name: 'a limit that is not a number',
    example: { ...APP, MaxConnections: { S: 'many' } },
    isIn: (field, value) => isLimit(field) && value !== undefined && Number.isNaN(limitOf(field, value)),
  },
  {
    name: 'webhooks that are not a list of webhooks',
    example: { ...APP, Webhooks: { S: '[' } },
    isIn: (field, value) => field === 'webhooks' && value !== undefined && !isWebhookList(value),
  },
  {
    name: 'event types as a native set',
    example: { ...APP, Webhooks: { L: [{ M: HOOK }] } },
    isIn: (field, value) => field === 'webhooks' && (value?.L ?? []).some(({ M }) => M?.event_types?.SS),
    read: ({ L = [] }) => L.map(({ M = {} }) => ({ event_types: M.event_types?.SS, url: M.url?.S })),
  },
  {
    name: 'empty text in `Webhooks`, beside `webhooks`',
    example: {
      ...APP,
      Webhooks: { S: '' },
      webhooks: { S: '[{"event_types":[],"url":"https://example.com"}]' },
    },
    isIn: () => false, // expectedOf leaves the empty text out
  },
  {
    name: 'no secret, or a secret that is not text',
    example: { ...APP, AppSecret: { NULL: true } },
    isIn: (field, value) => field === 'secret' && value?.S === undefined,
  },
  {
    name: 'no key',
    example: WITHOUT_KEY,
    isIn: (field, value) => field === 'key' && value === undefined,
  },
]

/** What the lookup must make of an item: the same as soketi's own driver, except for the differences. */
export function expectedOf({ Webhooks, ...others }: Item): Effects | typeof NO_APP {
  const item: Item = Webhooks === undefined || Webhooks.S === '' ? others : { Webhooks, ...others }
  const differing = FIELD_NAMES.flatMap((field) => {
    const value = appliedValue(item, field)
    const difference = DIFFERENCES.find(({ isIn }) => isIn(field, value))
    return difference ? [{ field, ...(difference.read && value && { value: difference.read(value) }) }] : []
  })
  if (differing.some((field) => !('value' in field))) return NO_APP
  const names = new Set<string>(differing.flatMap(({ field }) => spellingsOf(field)))
  const same = readBySoketi(Object.fromEntries(Object.entries(item).filter(([name]) => !names.has(name))))
  if (same === NO_APP) return NO_APP
  return { ...same, ...Object.fromEntries(differing.map(({ field, value }) => [field, value])) }
}

/** The last value that is present. soketi's driver parses webhooks first, and JSON's null counts as absent too. */
function appliedValue(item: Item, field: keyof App): AttributeValue | undefined {
  const names = field === 'key' ? ['AppKey'] : spellingsOf(field)
  return names
    .map((name) => item[name])
    .findLast(
      (value) =>
        value !== undefined &&
        value.NULL === undefined &&
        value.S !== '' &&
        !(field === 'webhooks' && value.S === 'null'),
    )
}

function kindOf(field: keyof App): string | undefined {
  return FIELDS.find(({ name }) => name === field)?.kind
}

function isBoolean(field: keyof App): boolean {
  return kindOf(field) === 'boolean'
}

function isLimit(field: keyof App): boolean {
  return kindOf(field) !== undefined && !isBoolean(field)
}

function textOf(value: AttributeValue | undefined): string | undefined {
  return value?.S ?? (value?.B && Buffer.from(value.B).toString('latin1'))
}

/** What a boolean says. AWS CLI v2 stores `true` as the bytes b6 bb 9e. */
function meaningOf(value: AttributeValue | undefined): boolean | undefined {
  if (value?.BOOL !== undefined) return value.BOOL
  const text = value?.N ?? textOf(value)?.trim() ?? ''
  if (/^(true|t|1|\xb6\xbb\x9e)$/i.test(text)) return true
  return /^(false|f|0)$/i.test(text) ? false : undefined
}

function limitOf(field: keyof App, value: AttributeValue): number {
  const parse = field.endsWith('InKb') ? Number.parseFloat : Number.parseInt
  return value.N === undefined ? parse(textOf(value) ?? '') : Number(value.N)
}

const MAX_DEPTH = 32

function isWebhookList(value: AttributeValue): boolean {
  if (value.L)
    return value.L.every(
      ({ M }) => M?.event_types?.SS || M?.event_types?.L?.every(({ S }) => S !== undefined),
    )
  const text = textOf(value) ?? ''
  if (Math.max(0, ...(text.match(/[[{]+/g) ?? []).map(({ length }) => length)) > MAX_DEPTH) return false
  try {
    const list: unknown = JSON.parse(text)
    return Array.isArray(list) && list.every((webhook) => Array.isArray(webhook?.event_types))
  } catch {
    return false
  }
}
