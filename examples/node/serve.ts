import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type AppLookup, createAppLookup } from 'soketi-http-app-manager'

/** What a service answers; an object becomes JSON. */
export type Answer = { readonly status: number; readonly body?: object; readonly retryAfterS?: number }

/**
 * Starts an HTTP service that looks apps up: at LOOKUP_URL with the token in LOOKUP_TOKEN or LOOKUP_TOKEN_FILE, on
 * PORT (8080) of HOST (127.0.0.1). One lookup serves the whole process, since it is the cache. Where nobody knows
 * whether there is such an app, callers get 503 with Retry-After. Ends after SIGTERM, once every answer is out.
 */
export async function serve(
  answer: (request: IncomingMessage, apps: AppLookup) => Promise<Answer>,
): Promise<void> {
  const { LOOKUP_URL = '', LOOKUP_TOKEN, LOOKUP_TOKEN_FILE, HOST = '127.0.0.1', PORT = '8080' } = process.env
  const apps = createAppLookup({
    url: LOOKUP_URL,
    token: LOOKUP_TOKEN,
    tokenFile: LOOKUP_TOKEN_FILE,
    log: (level, message) => console.error(`${level}: ${message}`),
  })
  // An endpoint that is down now may be back in a second; a token that is refused needs somebody.
  const { status, summary } = await apps.check()
  console.error(summary)
  if (status === 'denied') process.exit(1)

  const server = createServer({ requestTimeout: 10_000 }, async (request, response) => {
    const { status, body, retryAfterS } = await answer(request, apps).catch(whatToSayInstead)
    if (retryAfterS !== undefined) response.setHeader('retry-after', retryAfterS)
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body ?? {}))
  })
  server.listen(Number(PORT), HOST, () => {
    const { address, port } = server.address() as AddressInfo
    console.log(`listening on http://${address}:${port}`)
  })
  process.once('SIGTERM', () => server.close(() => apps.close()))
}

function whatToSayInstead(error: unknown): Answer {
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
