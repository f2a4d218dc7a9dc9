import { createRequire } from 'node:module'
import { parseApp } from '../../../adapter/lookup/app.ts'
import type { Server, SoketiApp, SoketiAppClass } from '../../../adapter/soketi/soketi.ts'
import { createSoketiApp } from '../../../adapter/soketi/soketi-app.ts'
import { FIELDS } from '../../../cli/app/fields.ts'
import type { App, Webhook } from '../../../functions/apps/app.ts'
import { decodeItem, type Item } from '../../../functions/apps/item.ts'
import { LookupError } from '../../../functions/lookup-error.ts'
import { ANY_NODE } from '../../../harness/nodes.ts'

/** What an app means to soketi: each limit as soketi applies it, and each boolean as its truthiness. */
export type Effects = Readonly<Partial<Record<keyof App, unknown>>>

/** soketi has no such app, or the lookup can't tell which. */
export const NO_APP = 'no app'

process.env.AWS_SDK_JS_SUPPRESS_MAINTENANCE_MODE_MESSAGE = '1'
const load = createRequire(import.meta.url)
const { App: SoketiAppOf } = load(`${ANY_NODE.soketi}dist/app.js`) as { App: SoketiAppClass }
const { DynamoDbAppManager } = load(`${ANY_NODE.soketi}dist/app-managers/dynamodb-app-manager.js`) as {
  DynamoDbAppManager: { prototype: { unmarshallItem(item: Item): App } }
}

/** soketi's default limits, which apply where an app has none. */
const SERVER = {
  options: {
    presence: { maxMembersPerChannel: 100, maxMemberSizeInKb: 2 },
    channelLimits: { maxNameLength: 200 },
    eventLimits: { maxChannelsAtOnce: 100, maxNameLength: 200, maxPayloadInKb: 100, maxBatchSize: 10 },
  },
} as unknown as Server

/** What soketi's own DynamoDB driver makes of an item. */
export function readBySoketi(item: Item): Effects | typeof NO_APP {
  try {
    return effectsOf(new SoketiAppOf(DynamoDbAppManager.prototype.unmarshallItem(item), SERVER))
  } catch {
    return NO_APP // as the driver does
  }
}

/** What the lookup and the adapter make of an item. */
export function readByLookup(item: Item): Effects | typeof NO_APP {
  let decoded: App
  try {
    decoded = decodeItem(item)
  } catch (error) {
    if (error instanceof LookupError && error.code === 'app-malformed') return NO_APP
    throw error
  }
  const app = parseApp(JSON.parse(JSON.stringify(decoded)))
  if ('wrongField' in app) throw new Error(`The adapter rejects ${app.wrongField}.`)
  return effectsOf(createSoketiApp(SoketiAppOf, app, SERVER))
}

// Without a radix, as in soketi's WsHandler.
const parseConnections: (text: string) => number = Number.parseInt

function effectsOf(app: SoketiApp): Effects {
  const { id, key, secret, webhooks } = app
  const fields = FIELDS.map(({ name, kind }) => {
    const value = app[name]
    if (kind === 'boolean') return [name, Boolean(value)]
    const limit = kind === 'connections' ? parseConnections(String(value)) || -1 : Number(value)
    if (Number.isNaN(limit) || (kind !== 'limit' && limit < 0)) return [name, 'unlimited']
    return [name, Math.min(limit + 0, Number.MAX_SAFE_INTEGER)]
  })
  return { id, key, secret, webhooks: webhooks?.map(withoutLambdaOptions), ...Object.fromEntries(fields) }
}

/** The adapter adds empty AWS options to each webhook, so that soketi does not stop at one for a Lambda. */
function withoutLambdaOptions({ lambda: _, ...webhook }: Webhook): Omit<Webhook, 'lambda'> {
  return webhook
}
