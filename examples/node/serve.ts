import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type AppLookup, createAppLookup } from 'soketi-http-app-manager'

/** A response of the service; the body is sent as JSON. */
export type ServiceResponse = {
  readonly status: number
  readonly body?: object
  readonly retryAfterS?: number
}

/**
 * Starts an HTTP service that looks up apps at LOOKUP_URL with the token in LOOKUP_TOKEN or LOOKUP_TOKEN_FILE. It
 * listens on HOST (127.0.0.1) and PORT (8080). The process has one AppLookup, which contains the cache. If a lookup
 * fails, the client gets 503 with Retry-After. After SIGTERM, the service finishes its responses and exits.
 */
export async function serve(
  handle: (request: IncomingMessage, apps: AppLookup) => Promise<ServiceResponse>,
): Promise<void> {
  const { LOOKUP_URL = '', LOOKUP_TOKEN, LOOKUP_TOKEN_FILE, HOST = '127.0.0.1', PORT = '8080' } = process.env
  const apps = createAppLookup({
    url: LOOKUP_URL,
    token: LOOKUP_TOKEN,
    tokenFile: LOOKUP_TOKEN_FILE,
    log: (level, message) => console.error(`${level}: ${message}`),
  })
  // An endpoint that is down may recover. A rejected token does not.
  const { status, summary } = await apps.check()
  console.error(summary)
  if (status === 'denied') process.exit(1)

  const server = createServer({ requestTimeout: 10_000 }, async (request, response) => {
    const { status, body, retryAfterS } = await handle(request, apps).catch(responseFor)
    if (retryAfterS !== undefined) response.setHeader('retry-after', retryAfterS)
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body ?? {}))
  })
  server.listen(Number(PORT), HOST, () => {
    const { address, port } = server.address() as AddressInfo
    console.log(`listening on http://${address}:${port}`)
  })
  process.once('SIGTERM', () => server.close(() => apps.close()))
}

function responseFor(error: unknown): ServiceResponse {
  if (error instanceof Error && error.name === 'AppLookupUnavailableError') {
    const retryAfterMs = 'retryAfterMs' in error ? Number(error.retryAfterMs) : 1_000
    return {
      status: 503,
      body: { error: error.message },
      retryAfterS: Math.max(1, Math.ceil(retryAfterMs / 1_000)),
    }
  }
  console.error(error)
  return { status: 500 }
}
