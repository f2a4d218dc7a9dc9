import type { AttributeValue } from '@aws-sdk/client-dynamodb'
import type { App, Webhook } from '../functions/app.ts'
import { decodeItem, type Item } from '../functions/item.ts'
import { LookupError } from '../functions/lookup-error.ts'
import { parsePathParameter } from '../functions/request.ts'
import { attributeOf, FIELDS, type Field, flagOf, SPELLINGS } from './fields.ts'
import { explainMalformed } from './read-app.ts'

/** Something about an app that its owner should know; an `error` keeps the app, or a part of it, from working. */
export type Finding = {
  readonly level: 'error' | 'warning'
  readonly attribute: string
  /** One sentence, without values of the item. */
  readonly text: string
}

/**
 * What is wrong or surprising about an item: what the lookup can't read, what soketi reads otherwise than one would
 * think, and what soketi's own driver and the lookup read differently.
 */
export function findingsOfItem(item: Item): Finding[] {
  const stored = [...storedForms(item), ...otherSpellings(item)]
  try {
    return [...findingsOf(decodeItem(item)), ...stored]
  } catch (error) {
    const text = explainMalformed(error)
    const attribute = String(error instanceof LookupError && error.facts.attribute)
    return [{ level: 'error', attribute, text: `${text} Lookups of this app fail.` }, ...stored]
  }
}

/** The same for an app that is not stored yet. */
export function findingsOf(app: App): Finding[] {
  return [
    ...(['id', 'key'] as const).flatMap((name) => urlFindings(name, app[name])),
    ...secretFindings(app.secret),
    ...FIELDS.flatMap((field) => limitFindings(field, app[field.name])),
    ...(app.webhooks ?? []).flatMap(webhookFindings),
  ]
}

const error = (attribute: string, text: string): Finding => ({ level: 'error', attribute, text })
const warning = (attribute: string, text: string): Finding => ({ level: 'warning', attribute, text })

// soketi compares the raw segment of the URL, not percent-decoded; and only such ids and keys fit into a GET.
function urlFindings(name: 'id' | 'key', value: string): Finding[] {
  const attribute = attributeOf(name)
  const fits = attempt(() => parsePathParameter(value)) !== undefined
  return fits
    ? []
    : [
        warning(
          attribute,
          `${attribute} does not fit into a URL as it is (A-Z, a-z, 0-9, ".", "_", "~", "-", at most 255): soketi's clients can't use it.`,
        ),
      ]
}

const MIN_SECRET_LENGTH = 16

function secretFindings(secret: string): Finding[] {
  if (secret === 'app-secret')
    return [
      error('AppSecret', "AppSecret is soketi's well-known default: anybody can sign. Run rotate-secret."),
    ]
  if (secret.length >= MIN_SECRET_LENGTH) return []
  return [
    warning(
      'AppSecret',
      `AppSecret has fewer than ${MIN_SECRET_LENGTH} characters and can be guessed. Run rotate-secret.`,
    ),
  ]
}

function limitFindings({ name, kind }: Field, value: number | boolean | undefined): Finding[] {
  if (typeof value !== 'number' || value > 0) return []
  const attribute = attributeOf(name)
  const stored = value === 0 ? `${attribute} is 0` : `${attribute} is negative`
  if (kind === 'connections')
    return value === -1
      ? []
      : [warning(attribute, `${stored}, which soketi takes for unlimited; write -1 to mean that.`)]
  if (kind === 'rate') {
    if (value === -1) return []
    if (value === 0)
      return [warning(attribute, `${stored}, which soketi takes for none at all; -1 is unlimited.`)]
    return [warning(attribute, `${stored}, which soketi takes for unlimited; write -1 to mean that.`)]
  }
  const refuses = `${stored}, which is not unlimited: soketi refuses everything; unset it for the server's default.`
  return [value === 0 ? warning(attribute, refuses) : error(attribute, refuses)]
}

// https://docs.soketi.app/advanced-usage/app-webhooks
const EVENT_TYPES: ReadonlySet<string> = new Set([
  'cache_miss',
  'channel_occupied',
  'channel_vacated',
  'client_event',
  'member_added',
  'member_removed',
])

function webhookFindings(webhook: Webhook, index: number): Finding[] {
  const place = `Webhook ${index + 1}`
  const target = [webhook.url, webhook.lambda_function].find(Boolean)
  const hasUrl = Boolean(webhook.url)
  return [
    ...(target
      ? []
      : [warning('Webhooks', `${place} has neither url nor lambda_function: soketi sends it nowhere.`)]),
    ...(hasUrl && !isHttpUrl(webhook.url)
      ? [warning('Webhooks', `${place} has a url that is not http or https.`)]
      : []),
    ...(target && !hasUrl && !webhook.lambda
      ? [
          error(
            'Webhooks',
            `${place} has a lambda_function without lambda, its options: soketi stops when it fires.`,
          ),
        ]
      : []),
    ...(webhook.event_types.every((type) => EVENT_TYPES.has(type))
      ? []
      : [
          warning(
            'Webhooks',
            `${place} has an event type that soketi never sends (it sends ${[...EVENT_TYPES].join(', ')}).`,
          ),
        ]),
  ]
}

/** Booleans whose stored form soketi's own driver takes for something else: it knows one of them in binary, none in text. */
function storedForms(item: Item): Finding[] {
  return FIELDS.filter(({ kind }) => kind === 'switch').flatMap(({ name }) => {
    const attribute = attributeOf(name)
    const value = item[attribute]
    const meant = value && attempt(() => decodeItem({ ...SOUND, [attribute]: value }))?.[name]
    if (!value || meant === undefined || meant === stockReads(attribute, value)) return []
    const [lookup, soketi] = meant ? ['yes', 'no'] : ['no', 'yes']
    const option = flagOf(meant ? name : `no-${name}`)
    return [
      warning(
        attribute,
        `${attribute} means ${lookup}, but is stored in a form that soketi's own DynamoDB driver takes for ${soketi}. Run update with ${option}.`,
      ),
    ]
  })
}

const SOUND: Item = { AppId: { S: '-' }, AppKey: { S: '-' }, AppSecret: { S: '-' } }

function stockReads(attribute: string, { BOOL, B, S, N }: AttributeValue): boolean {
  if (BOOL !== undefined) return BOOL
  if (N !== undefined) return Number(N) !== 0
  if (S !== undefined) return S !== ''
  return attribute !== 'EnableClientMessages' || Buffer.from(B ?? []).toString() === 'true'
}

function otherSpellings(item: Item): Finding[] {
  return [...SPELLINGS].flatMap(([name, spellings]) => {
    const attribute = attributeOf(name)
    return spellings
      .filter((spelling) => spelling !== attribute && Object.hasOwn(item, spelling))
      .map((spelling) =>
        warning(
          spelling,
          `${spelling} is read by soketi's own driver but not by the lookup; the attribute is ${attribute}.`,
        ),
      )
  })
}

function isHttpUrl(value: unknown): boolean {
  const protocol = typeof value === 'string' ? URL.parse(value)?.protocol : undefined
  return protocol === 'http:' || protocol === 'https:'
}

function attempt<T>(run: () => T): T | undefined {
  try {
    return run()
  } catch {
    return undefined
  }
}
