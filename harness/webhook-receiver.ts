import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders } from 'node:http'

/** A webhook as it arrived. */
export type Delivery = {
  readonly headers: IncomingHttpHeaders
  readonly rawBody: string
  readonly body: { readonly events: readonly { readonly name: string; readonly channel: string }[] }
}

/** A server that receives webhooks. */
export type WebhookReceiver = { readonly url: string; readonly deliveries: Delivery[]; close(): void }

/** Starts a receiver that accepts every webhook. */
export async function startWebhookReceiver(): Promise<WebhookReceiver> {
  const deliveries: Delivery[] = []
  const server = createServer(async (request, response) => {
    let rawBody = ''
    for await (const chunk of request.setEncoding('utf8')) rawBody += chunk
    deliveries.push({ headers: request.headers, rawBody, body: JSON.parse(rawBody) })
    response.end()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  return {
    url: `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}/hook`,
    deliveries,
    close: () => server.close(),
  }
}
