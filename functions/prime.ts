import { decodeItem, type Item } from './apps/item.ts'
import type { Read, Table } from './apps/table.ts'
import type { Config } from './config.ts'
import { deadlineOf } from './dynamodb/deadline.ts'
import { createTelemetry, type Telemetry } from './telemetry/telemetry.ts'

/** Ids and keys that no app has, with characters that every route accepts. */
export const NO_APPS = ['~prime~1', '~prime~2'] as const

const PRIME_TIMEOUT_MS = 500

type Handler = (event: never, context: never) => Promise<unknown>

/**
 * Handles events during init, for at most 500 ms in all, so that the connection is open and the code is compiled before
 * the first request. Init runs at full speed whatever the memory setting is, and a request does not. There are two
 * events, because V8 collects type feedback about a function from its second call on.
 *
 * The events look up apps that can't exist, with a separate handler whose metrics and cache are discarded. `prime`
 * never throws: if DynamoDB does not respond, the first request reports that.
 */
export async function prime(
  createRoute: (telemetry: Telemetry) => Handler,
  config: Config,
  events: readonly object[],
): Promise<void> {
  if (!config.prime) return
  const endsAt = Date.now() + PRIME_TIMEOUT_MS
  const context = { functionName: '', getRemainingTimeInMillis: () => endsAt - Date.now() }
  const handler = createRoute(createTelemetry(config, () => {}))
  for (const event of events) {
    const hasTimeToRead = deadlineOf(config, context) > Date.now()
    if (hasTimeToRead) await handler(event as never, context as never).catch(() => undefined)
  }
}

/** A table that returns an app if DynamoDB has none, so that priming also runs the code of a 200 response. */
export function withExample({ findById, findByKey }: Table): Table {
  return { findById: orExample(findById), findByKey: orExample(findByKey) }
}

function orExample(read: Read): Read {
  return async (value, options) => (await read(value, options)) ?? decodeItem(EXAMPLE)
}

const EXAMPLE: Item = {
  AppId: { S: '~' },
  AppKey: { S: '~' },
  AppSecret: { S: '~' },
  Enabled: { BOOL: true },
  MaxConnections: { N: '1' },
  Webhooks: { S: '[]' },
}
