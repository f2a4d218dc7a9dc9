import { type App, isObject, type Webhook } from '../lookup/index.ts'
import type { Server, SoketiApp, SoketiAppClass } from './soketi.ts'

/**
 * soketi's app for a looked-up app.
 *
 * The secret and the looked-up app are not enumerable, because soketi prints sockets (with `SOKETI_DEBUG`) and aborted
 * requests, with their app.
 */
export function createSoketiApp(SoketiApp: SoketiAppClass, app: App, server: Server): SoketiApp {
  const { webhooks, previousSecret: _, previousSecretUntil: __, ...rest } = app
  const safe: App = webhooks
    ? { ...rest, webhooks: webhooks.filter(isDeliverable).map(withLambdaOptions) }
    : rest
  const soketiApp = hideSecret(new SoketiApp(safe, server))
  const forWebSocket = hideSecret(soketiApp.forWebSocket())
  return Object.defineProperty(soketiApp, 'forWebSocket', { value: () => forWebSocket })
}

const hideSecret = (app: SoketiApp): SoketiApp =>
  Object.defineProperties(app, { secret: { enumerable: false }, initialApp: { enumerable: false } })

/** soketi never finishes the job of a webhook with neither, and stops where a Lambda has no options. */
const isDeliverable = ({ url, lambda_function }: Webhook): boolean =>
  typeof url === 'string' || typeof lambda_function === 'string'

const withLambdaOptions = (webhook: Webhook): Webhook =>
  isObject(webhook.lambda) ? webhook : { ...webhook, lambda: {} }
