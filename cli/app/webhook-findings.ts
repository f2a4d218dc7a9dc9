import type { App, Webhook } from '../../functions/apps/app.ts'
import { error, type Finding, warning } from './finding.ts'

/** The problems of an app's webhooks. */
export function webhookFindings({ webhooks = [], enableClientMessages }: App): Finding[] {
  return webhooks.flatMap((webhook, index) =>
    problemsOf(webhook, enableClientMessages === true).map(({ find, text }) =>
      find('Webhooks', `Webhook ${index + 1} has ${text}`),
    ),
  )
}

type Problem = { readonly find: typeof error; readonly text: string }

// https://docs.soketi.app/advanced-usage/app-webhooks
const EVENT_TYPES: ReadonlySet<string> = new Set([
  'cache_miss',
  'channel_occupied',
  'channel_vacated',
  'client_event',
  'member_added',
  'member_removed',
])
const FILTERS: ReadonlySet<string> = new Set(['channel_name_starts_with', 'channel_name_ends_with'])

function problemsOf(webhook: Webhook, hasClientMessages: boolean): Problem[] {
  const { url, lambda_function, lambda, headers, event_types } = webhook
  const problems: readonly (readonly [isProblem: boolean, find: typeof error, text: string])[] = [
    [!url && !lambda_function, warning, 'neither url nor lambda_function, so soketi never sends it.'],
    [Boolean(url) && !isHttpUrl(url), warning, 'a url that is not an http or https URL.'],
    [
      !url && Boolean(lambda_function) && !lambda,
      error,
      'a lambda_function but no lambda, its options: soketi crashes when it sends the webhook.',
    ],
    [
      event_types.some((type) => !EVENT_TYPES.has(type)),
      warning,
      `an event type that soketi does not have. The event types are ${[...EVENT_TYPES].join(', ')}.`,
    ],
    [
      event_types.includes('client_event') && !hasClientMessages,
      warning,
      'the event type client_event, but client messages are off, so there are no such events. Run update with --enable-client-messages.',
    ],
    [
      headers !== undefined && headers !== null && !isObject(headers),
      warning,
      'headers that are not an object of names and values, so soketi does not send them as they are meant.',
    ],
    [
      filterNamesOf(webhook).some((name) => !FILTERS.has(name)),
      warning,
      `a filter that soketi ignores, so it is sent for every channel. The names in filter are ${[...FILTERS].join(' and ')}.`,
    ],
  ]
  return problems.flatMap(([isProblem, find, text]) => (isProblem ? [{ find, text }] : []))
}

/** The names of filters, in `filter` or, as in its first draft, beside the other fields. */
function filterNamesOf(webhook: Webhook): readonly string[] {
  const beside = Object.keys(webhook).filter((name) => /(starts|ends)_?with$/i.test(name))
  return [...beside.map((name) => `beside filter: ${name}`), ...Object.keys(Object(webhook.filter))]
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isHttpUrl(value: unknown): boolean {
  const protocol = typeof value === 'string' ? URL.parse(value)?.protocol : undefined
  return protocol === 'http:' || protocol === 'https:'
}
