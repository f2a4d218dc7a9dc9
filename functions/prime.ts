import type { Config } from './config.ts'
import { decodeItem, type Item } from './item.ts'
import type { Read, Table } from './table.ts'
import { createTelemetry, type Telemetry } from './telemetry.ts'

/** Ids and keys that no app has, in the characters that every route takes. */
export const NO_APPS = ['~prime~1', '~prime~2'] as const

const PRIME_TIMEOUT_MS = 500

type Handler = (event: never, context: never) => Promise<unknown>

/**
 * Answers these events during init, within 500 ms in all, so that the first request finds the connection open and the
 * code compiled: init runs at full speed whatever the memory setting, a first request does not. Two events, because
 * what V8 learns of a function it keeps from the second call on.
 *
 * They ask DynamoDB for what can't exist, and go to a handler of their own, whose telemetry nobody sees and whose
 * cache is forgotten. It never throws: a DynamoDB that does not answer is the first request's to report.
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
  for (const event of events)
    if (Date.now() < endsAt) await handler(event as never, context as never).catch(() => undefined)
}

/** A table that has an app wherever DynamoDB has none, so that priming also runs the code that answers one. */
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
