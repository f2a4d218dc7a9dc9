import { createHash } from 'node:crypto'
import http from 'node:http'
import https from 'node:https'
import type { AddressInfo, Socket } from 'node:net'

/** A way in which the endpoint misbehaves, or `fine`. */
export type Mode = 'fine' | keyof typeof MISBEHAVIOURS

/** A request as it arrived. */
export type Seen = {
  readonly method: string
  readonly path: string
  readonly headers: http.IncomingHttpHeaders
  readonly body: string
  /** The number of its connection, from 1. */
  readonly connection: number
}

export type Fields = { readonly id: string; readonly key: string; readonly [field: string]: unknown }

/** An endpoint on a real socket that follows the contract until it is told to misbehave. */
export type EndpointDouble = {
  readonly url: string
  mode: Mode
  /** The response to this request instead, if any. */
  except: (seen: Seen) => Mode | undefined
  /** The value of Retry-After on 429 and 503. */
  retryAfter: string | undefined
  /** The valid tokens; undefined accepts every token. */
  tokens: ReadonlySet<string> | undefined
  ageS: number
  /** Whether the results of a batch have an age. */
  agesInBatches: boolean
  readonly apps: Map<string, Fields>
  readonly seen: Seen[]
  /** The lookups: without probes, polls and batches. */
  lookups(): Seen[]
  /** Refuses connections until `listen`, on the same port. */
  refuse(): Promise<void>
  listen(): Promise<void>
  close(): Promise<void>
}

/** An app with the required fields. */
export const appWith = (fields: Partial<Fields> = {}) => ({
  id: 'app-1',
  key: 'key-1',
  secret: 'made-up-secret',
  enabled: true,
  ...fields,
})

export async function startEndpointDouble(tls?: { key: string; cert: string }): Promise<EndpointDouble> {
  const sockets = new Map<Socket, number>()
  let connections = 0
  const listener: http.RequestListener = async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    const connection = sockets.get(request.socket) ?? 0
    const { method = '', url = '', headers } = request
    const seen: Seen = { method, path: url, headers, body, connection }
    double.seen.push(seen)
    answer(double, seen, response)
  }
  const server = tls ? https.createServer(tls, listener) : http.createServer(listener)
  server.on(tls ? 'secureConnection' : 'connection', (socket: Socket) => {
    sockets.set(socket, ++connections)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => {})
  })
  let port = 0
  const listen = () => new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  const refuse = async () => {
    if (!server.listening) return
    const closed = new Promise((resolve) => server.close(resolve))
    server.closeAllConnections()
    await closed
  }
  await listen()
  port = (server.address() as AddressInfo).port

  const double: EndpointDouble = {
    url: `${tls ? 'https' : 'http'}://127.0.0.1:${port}`,
    mode: 'fine',
    except: () => undefined,
    retryAfter: undefined,
    tokens: undefined,
    ageS: 0,
    agesInBatches: false,
    apps: new Map(),
    seen: [],
    lookups: () => double.seen.filter(({ path, body }) => !/~probe~|^\/changes|"apps":/.test(path + body)),
    refuse,
    listen,
    close: refuse,
  }
  return double
}

/** The parts of an exchange. */
type Exchange = {
  readonly response: http.ServerResponse
  readonly retryAfter: http.OutgoingHttpHeaders
  readonly send: (status: number, content: unknown, headers?: http.OutgoingHttpHeaders) => void
}

const problem =
  (status: number, code: string) =>
  ({ send, retryAfter }: Exchange) =>
    send(status, { title: code, status, code }, retryAfter)

const MISBEHAVIOURS = {
  reset: ({ response }: Exchange) => response.socket?.resetAndDestroy(),
  hanging: () => {},
  'cut-off': ({ response }: Exchange) => {
    response.writeHead(200, { 'content-length': 1000 })
    response.write('{"app":', () => response.socket?.destroy())
  },
  throttled: ({ send, retryAfter }: Exchange) => send(429, { message: 'Too Many Requests' }, retryAfter),
  'broken-inside': problem(500, 'internal'),
  unavailable: problem(503, 'store-unavailable'),
  'html-404': ({ send }: Exchange) => send(404, '<html><h1>404</h1></html>', { 'content-type': 'text/html' }),
  'gateway-404': ({ send }: Exchange) => send(404, { message: 'Not Found' }),
  'broken-json': ({ send }: Exchange) => send(200, '{"app": {"id": "app-1", '),
  'json-array': ({ send }: Exchange) => send(200, [{ app: appWith() }]),
  'another-app': ({ send }: Exchange) => send(200, { app: appWith({ id: 'other', key: 'other' }) }),
  'no-secret': ({ send }: Exchange) => send(200, { app: appWith({ secret: undefined }) }),
  oversized: ({ send }: Exchange) => send(200, { app: appWith(), padding: 'x'.repeat(1024 * 1024) }),
  'oversized-chunked': ({ response }: Exchange) => {
    for (let i = 0; i < 20; i += 1) response.write(' '.repeat(64 * 1024))
    response.end(JSON.stringify({ app: appWith() }))
  },
  redirect: ({ send }: Exchange) => send(302, '', { location: '/elsewhere' }),
  'no-token': ({ send }: Exchange) => send(401, { message: 'Unauthorized' }),
  'wrong-token': ({ send }: Exchange) => send(403, { message: 'Forbidden' }),
  'bad-request': problem(400, 'invalid-request'),
  malformed: problem(500, 'app-malformed'),
  'not-unique': problem(500, 'app-key-not-unique'),
}

function answer(double: EndpointDouble, seen: Seen, response: http.ServerResponse): void {
  const send: Exchange['send'] = (status, content, headers = {}) => {
    const body = typeof content === 'string' ? content : JSON.stringify(content)
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body)
  }
  const token = seen.headers.authorization?.replace('Bearer ', '') ?? ''
  const isDenied = double.tokens?.has(token) === false
  const mode = isDenied ? 'wrong-token' : (double.except(seen) ?? double.mode)
  const retryAfter = double.retryAfter === undefined ? {} : { 'retry-after': double.retryAfter }
  if (mode === 'fine') answerFine(double, seen, send)
  else MISBEHAVIOURS[mode]({ response, retryAfter, send })
}

function answerFine(double: EndpointDouble, seen: Seen, send: Exchange['send']): void {
  const find = (kind: string, name: string) =>
    [...double.apps.values()].find((app) => app[kind] === name && name !== '')
  const sendApp = (app: Fields | undefined) => {
    if (app === undefined) return send(404, { status: 404, code: 'app-not-found', app: null })
    const headers = { etag: etagOf(app), age: String(double.ageS) }
    if (seen.headers['if-none-match'] === headers.etag) return send(304, '', headers)
    return send(200, { app }, headers)
  }
  const sendBatch = (items: readonly { readonly id: string; readonly etag?: string }[]) => {
    const results = items.map(({ id, etag }) => {
      const app = find('id', id)
      const age = double.agesInBatches ? { age: double.ageS } : {}
      if (app === undefined) return { status: 404, code: 'app-not-found', ...age }
      return etag === etagOf(app) ? { status: 304, ...age } : { status: 200, app, etag: etagOf(app), ...age }
    })
    send(200, { results })
  }

  if (seen.path.startsWith('/changes')) send(404, { message: 'Not Found' })
  else if (seen.method === 'GET') {
    const [, byKey, name = ''] = /\/apps\/(by-key\/)?([^/]+)$/.exec(seen.path) ?? []
    sendApp(find(byKey ? 'key' : 'id', name))
  } else {
    const question = JSON.parse(seen.body)
    const [kind = '', value = ''] = Object.entries<string>(question)[0] ?? []
    if (Array.isArray(question.apps)) sendBatch(question.apps)
    else sendApp(find(kind, value))
  }
}

const etagOf = (app: Fields) =>
  `"${createHash('sha256').update(JSON.stringify(app)).digest('base64url').slice(0, 22)}"`
