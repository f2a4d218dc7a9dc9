import { createHmac, timingSafeEqual } from 'node:crypto'
import { buffer } from 'node:stream/consumers'
import type { App, AppLookup } from 'soketi-http-app-manager'
import { serve } from './serve.ts'

type Webhook = { readonly events: readonly { readonly name: string; readonly channel: string }[] }

const MAX_BODY_BYTES = 1024 * 1024

/** Receives the webhooks of all apps, and accepts those that are signed with a secret of the app. */
await serve(async (request, apps) => {
  if (request.method !== 'POST') return { status: 405 }
  const { 'content-length': length, 'x-pusher-key': key, 'x-pusher-signature': signature } = request.headers
  if (length === undefined) return { status: 411 }
  if (Number(length) > MAX_BODY_BYTES) return { status: 413 }
  if (typeof key !== 'string' || typeof signature !== 'string') return { status: 401 }

  const body = await buffer(request)
  const app = await apps.findByKey(key)
  if (app === undefined || !(await isSignedBy(app, apps, body, signature))) return { status: 401 }
  if (!app.enabled) return { status: 403 }

  const webhook = parse(body)
  if (webhook === undefined) return { status: 400 }
  for (const { name, channel } of webhook.events) console.log(JSON.stringify({ app: app.id, name, channel }))
  return { status: 200 }
})

/** Whether a secret of the app made the signature. While a secret is rotated, there are two. */
async function isSignedBy({ id, secret }: App, apps: AppLookup, body: Buffer, signature: string) {
  const isSignedWith = (...secrets: readonly (string | undefined)[]) =>
    secrets.some((secret) => secret !== undefined && isSigned(body, signature, secret))
  if (isSignedWith(secret, apps.previousSecret(id))) return true
  // soketi may have a new secret before this process does.
  const app = await apps.reread(id)
  return isSignedWith(app?.secret, apps.previousSecret(id))
}

/** The signature is of the unparsed body: https://pusher.com/docs/channels/server_api/webhooks/#authentication */
function isSigned(body: Buffer, signature: string, secret: string): boolean {
  const expected = createHmac('sha256', secret).update(body).digest()
  const given = Buffer.from(signature, 'hex')
  return given.length === expected.length && timingSafeEqual(given, expected)
}

function parse(body: Buffer): Webhook | undefined {
  try {
    const webhook: Webhook = JSON.parse(body.toString())
    return Array.isArray(webhook.events) ? webhook : undefined
  } catch {
    return undefined
  }
}
