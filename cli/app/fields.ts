import type { App, PreviousSecret } from '../../functions/apps/app.ts'

/** A field of an app that may be absent. */
export type OptionalField = Exclude<keyof App, 'id' | 'key' | 'secret' | 'webhooks' | keyof PreviousSecret>

/**
 * The type of a field. The type of a number says for which values soketi 1.6.1 applies no limit: for `connections` 0 and
 * below, for a `rate` per second below 0 only, for a `limit` none.
 */
export type Kind = 'boolean' | 'connections' | 'rate' | 'limit'

/** A field of an app, as an option of the commands. */
export type Field = {
  readonly name: OptionalField
  readonly kind: Kind
  /** Help text: what it does, its unit, and soketi's default. */
  readonly about: string
}

const field = (kind: Kind, about: string): Omit<Field, 'name'> => ({ kind, about })

// The type makes a field that is missing here a compiler error.
const BY_NAME: Readonly<Record<OptionalField, Omit<Field, 'name'>>> = {
  enabled: field('boolean', 'whether clients may connect (default: yes)'),
  maxConnections: field('connections', 'open connections, -1 for unlimited (default: -1)'),
  enableClientMessages: field('boolean', 'allow client events, client-* (default: no)'),
  enableUserAuthentication: field('boolean', 'allow users to sign in, pusher:signin (default: no)'),
  maxBackendEventsPerSecond: field('rate', 'events per second from backends, -1 for unlimited (default: -1)'),
  maxClientEventsPerSecond: field(
    'rate',
    'client events per second of one connection, -1 for unlimited (default: -1)',
  ),
  maxReadRequestsPerSecond: field(
    'rate',
    'read requests per second to the HTTP API, -1 for unlimited (default: -1)',
  ),
  maxPresenceMembersPerChannel: field('limit', 'members per presence channel (default: 100)'),
  maxPresenceMemberSizeInKb: field(
    'limit',
    'data of a presence member in KB, may be a fraction (default: 2)',
  ),
  maxChannelNameLength: field('limit', 'characters in the name of a channel (default: 200)'),
  maxEventChannelsAtOnce: field('limit', 'channels of one event (default: 100)'),
  maxEventNameLength: field('limit', 'characters in the name of an event (default: 200)'),
  maxEventPayloadInKb: field('limit', 'data of an event in KB, may be a fraction (default: 100)'),
  maxEventBatchSize: field('limit', 'events per batch (default: 10)'),
}

/** The fields of an app except its webhooks. The defaults are soketi 1.6.1's; the server's settings can change them. */
export const FIELDS: readonly Field[] = Object.entries(BY_NAME).map(([name, field]) => ({
  name: name as OptionalField,
  ...field,
}))

/** The option that sets a field: `--max-connections`. */
export function flagOf(name: string): string {
  return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`
}
