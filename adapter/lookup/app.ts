/** A soketi webhook as the endpoint hands it over; soketi stops when one has no `event_types`. */
export type Webhook = {
  readonly event_types: readonly string[]
  readonly [field: string]: unknown
}

/**
 * A soketi app in soketi's own names, checked: no field has a type that soketi would misread.
 *
 * `id`, `key`, `secret` and `enabled` are always there; a field that the app lacks is absent, and soketi then
 * applies the server's default. Rates are per second, -1 is unlimited; sizes are in kilobytes.
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
