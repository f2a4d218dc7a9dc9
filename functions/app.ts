/** What a consumer may see: `full` is the whole app, `public` is the app without what signs or authenticates. */
export type Scope = 'full' | 'public'

/** A soketi webhook as stored; soketi stops when one has no `event_types`, so the decoder refuses it. */
export type Webhook = {
  readonly event_types: readonly string[]
  readonly headers?: unknown
  readonly lambda?: unknown
  readonly [field: string]: unknown
}

/**
 * A soketi app, in soketi's own names, in the order in which it is answered.
 *
 * A field that the item lacks is absent, never null or 0: soketi then applies the server's default.
 * Rates are per second, -1 is unlimited; sizes are in kilobytes and may be fractions.
 */
export type App = {
  readonly id: string
  readonly key: string
  readonly secret: string
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

/**
 * The app as a consumer of this scope may see it: `public` has neither the secret nor, in its webhooks, the
 * headers and the AWS client's options, which are where credentials for the receiver are kept.
 */
export function viewApp(app: App, scope: Scope): Partial<App> {
  if (scope === 'full') return app
  const { secret: _, webhooks, ...rest } = app
  return webhooks
    ? { ...rest, webhooks: webhooks.map(({ headers: _, lambda: __, ...webhook }) => webhook) }
    : rest
}
