import type { Scope } from '../access/caller.ts'

/** A soketi webhook as stored. The decoder rejects one without `event_types`, because soketi stops at it. */
export type Webhook = {
  readonly event_types: readonly string[]
  readonly headers?: unknown
  readonly lambda?: unknown
  readonly [field: string]: unknown
}

/**
 * A soketi app, with soketi's field names, in the order of the response.
 *
 * A field that the item lacks is absent, never null or 0: soketi then applies the server's default. To add a field, add
 * it here; the compiler and test/repository/app-fields.test.ts name the other places.
 *
 * Rates are per second, -1 is unlimited; sizes are in kilobytes and may be fractions.
 */
export type App = {
  readonly id: string
  readonly key: string
  readonly secret: string
  /** The secret before `secret`, which stays valid until `previousSecretUntil`. An app has both or neither. */
  readonly previousSecret?: string
  /** When the previous secret ends, epoch time in seconds: at this time it is not valid any more. */
  readonly previousSecretUntil?: number
  readonly enabled: boolean
  readonly maxConnections?: number
  readonly enableClientMessages?: boolean
  readonly enableUserAuthentication?: boolean
  readonly maxBackendEventsPerSecond?: number
  readonly maxClientEventsPerSecond?: number
  readonly maxReadRequestsPerSecond?: number
  readonly maxPresenceMembersPerChannel?: number
  readonly maxPresenceMemberSizeInKb?: number
  readonly maxChannelNameLength?: number
  readonly maxEventChannelsAtOnce?: number
  readonly maxEventNameLength?: number
  readonly maxEventPayloadInKb?: number
  readonly maxEventBatchSize?: number
  readonly webhooks?: readonly Webhook[]
}

/** The fields of a secret's rotation. They are this project's own: soketi's driver does not know them. */
export type PreviousSecret = Pick<App, 'previousSecret' | 'previousSecretUntil'>

/**
 * The app as a consumer of this scope may see it: `public` gets no secret, and only known fields of webhooks.
 *
 * @param timeMs epoch time; a previous secret that is over by then is left out, and none if the time is left out
 */
export function viewApp(app: App, scope: Scope, timeMs = 0): Partial<App> {
  const { previousSecretUntil = Infinity } = app
  if (scope === 'full' && timeMs < 1000 * previousSecretUntil) return app
  const { previousSecret: _, previousSecretUntil: __, ...current } = app
  if (scope === 'full') return current
  const { secret: ___, webhooks, ...rest } = current
  return webhooks ? { ...rest, webhooks: webhooks.map(viewWebhook) } : rest
}

/**
 * The known fields of a webhook that are not credentials. An allow-list, because a webhook can have any field, and
 * some contain the receiver's credentials (`headers`, `auth`, a token in the URL).
 * https://docs.soketi.app/advanced-usage/app-webhooks
 */
function viewWebhook({ url, lambda_function, event_types, filter }: Webhook): Webhook {
  const shownUrl = viewUrl(url)
  const shownFilter = viewFilter(filter)
  return {
    ...(shownUrl !== undefined && { url: shownUrl }),
    ...(typeof lambda_function === 'string' && { lambda_function }),
    event_types,
    ...(shownFilter !== undefined && { filter: shownFilter }),
  }
}

/** An http or https URL without user, password, query and fragment. */
function viewUrl(url: unknown): string | undefined {
  const { protocol, origin, pathname } = (typeof url === 'string' && URL.parse(url)) || {}
  return protocol === 'http:' || protocol === 'https:' ? `${origin}${pathname}` : undefined
}

const FILTERS = ['channel_name_starts_with', 'channel_name_ends_with'] as const

function viewFilter(filter: unknown): object | undefined {
  if (typeof filter !== 'object' || filter === null) return undefined
  const fields: Readonly<Record<string, unknown>> = { ...filter }
  const shown = FILTERS.filter((name) => typeof fields[name] === 'string').map((name) => [name, fields[name]])
  return Object.fromEntries(shown)
}
