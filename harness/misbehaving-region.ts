import { once } from 'node:events'
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  request,
  type ServerResponse,
} from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { TLSSocket } from 'node:tls'
import { type Certificate, createCertificate } from './certificate.ts'

type Answer = { readonly status: number; readonly headers: Record<string, string>; readonly body: string }
type Misbehave = (response: ServerResponse, truth: () => Promise<Answer>) => void | Promise<void>

/** Ways for a region to misbehave while it still accepts connections. */
export const MISBEHAVIOURS = {
  'resets connections': ({ socket }) =>
    void (socket instanceof TLSSocket ? socket.destroy() : socket?.resetAndDestroy()),
  'does not answer': () => {},
  'answers after 4 s': async (response, truth) => {
    await sleep(4_000, undefined, { ref: false })
    send(response, await truth())
  },
  'answers after 0.3 s': async (response, truth) => {
    await sleep(300, undefined, { ref: false })
    send(response, await truth())
  },
  'answers 429': (response) => send(response, json(429, { message: 'Too Many Requests' })),
  'answers 500': (response) => send(response, json(500, { message: 'Internal Server Error' })),
  'answers 503 with Retry-After': (response) =>
    send(response, {
      ...json(503, { code: 'store-throttled', title: 'The store is busy' }),
      headers: { 'content-type': 'application/problem+json', 'retry-after': '1' },
    }),
  'answers an HTML 404': (response) =>
    send(response, { status: 404, headers: { 'content-type': 'text/html' }, body: '<h1>Not Found</h1>' }),
  "answers the gateway's 404": (response) => send(response, json(404, { message: 'Not Found' })),
  'answers broken JSON': (response) => send(response, { ...json(200, {}), body: '{"app": {"id": "de' }),
  "answers another app's item": async (response, truth) =>
    send(
      response,
      changeApps(await truth(), (app) => ({ ...app, id: 'other', key: 'other-key' })),
    ),
  'answers an app without secret': async (response, truth) =>
    send(
      response,
      changeApps(await truth(), ({ secret: _, ...rest }) => rest),
    ),
  'refuses the token': (response) => send(response, json(403, { message: 'Forbidden' })),
} satisfies Record<string, Misbehave>

/** A way for a region to misbehave, before a request is read or after. */
export type Misbehaviour =
  | keyof typeof MISBEHAVIOURS
  | 'refuses connections'
  | 'has a certificate of a stranger'

/** What stands before the endpoint as one of its regions, and fails when told to. */
export type Region = {
  readonly url: string
  /** The requests that reached it, as `GET /apps/demo`. */
  readonly requests: string[]
  /** Whether each of them is over: answered, or given up by its caller. */
  isIdle(): boolean
  /** The bearer token of each. */
  readonly tokens: string[]
  misbehave(how: Misbehaviour): Promise<void>
  recover(): Promise<void>
  close(): Promise<void>
}

/**
 * Starts a region that passes everything on to the endpoint at this URL; over HTTPS if it has a certificate.
 */
export async function startRegion(endpointUrl: string, certificate?: Certificate): Promise<Region> {
  const requests: string[] = []
  const tokens: string[] = []
  const sockets = new Set<Socket>()
  let over = 0
  let misbehave: Misbehave | undefined
  const answer: RequestListener = (incoming, response) => {
    requests.push(`${incoming.method} ${incoming.url}`)
    response.once('close', () => {
      over += 1
    })
    tokens.push(incoming.headers.authorization?.replace('Bearer ', '') ?? '')
    const truth = () => passOn(endpointUrl, incoming)
    const behave = misbehave ?? (async () => send(response, await truth()))
    // A caller that has given up is no concern of a region's.
    Promise.resolve(behave(response, truth)).catch(() => response.destroy())
  }
  const secureServer = certificate && createSecureServer(certificate, answer)
  const server = secureServer ?? createServer(answer)
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  const listen = async (port: number) => {
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
  }
  const stop = async () => {
    if (!server.listening) return
    const closed = once(server, 'close')
    server.close()
    for (const socket of sockets) socket.destroy()
    await closed
  }
  const replaceCertificate = async (next: Certificate) => {
    if (!secureServer) throw new Error('This region has no certificate.')
    secureServer.setSecureContext(next)
    for (const socket of sockets) socket.destroy()
  }
  await listen(0)
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return {
    url: `${certificate ? 'https' : 'http'}://127.0.0.1:${port}`,
    requests,
    tokens,
    isIdle: () => over === requests.length,
    async misbehave(how) {
      if (how === 'refuses connections') await stop()
      else if (how === 'has a certificate of a stranger') await replaceCertificate(await createCertificate())
      else misbehave = MISBEHAVIOURS[how]
    },
    async recover() {
      misbehave = undefined
      if (certificate) await replaceCertificate(certificate)
      if (!server.listening) await listen(port)
    },
    close: stop,
  }
}

async function passOn(endpointUrl: string, incoming: IncomingMessage): Promise<Answer> {
  const body = await read(incoming)
  const { method, headers } = incoming
  const outgoing = request(endpointUrl + incoming.url, {
    method,
    headers: { ...headers, connection: 'close' },
  })
  outgoing.end(body)
  const [response]: IncomingMessage[] = await once(outgoing, 'response')
  if (!response) throw new Error('The endpoint answered nothing.')
  const kept = ['content-type', 'etag', 'age', 'cache-control', 'retry-after', 'server-timing']
  return {
    status: response.statusCode ?? 0,
    headers: Object.fromEntries(
      kept.flatMap((name) => (response.headers[name] ? [[name, String(response.headers[name])]] : [])),
    ),
    body: await read(response),
  }
}

async function read(stream: IncomingMessage): Promise<string> {
  let text = ''
  for await (const chunk of stream.setEncoding('utf8')) text += chunk
  return text
}

function send(response: ServerResponse, { status, headers, body }: Answer): void {
  response.writeHead(status, headers).end(body)
}

function json(status: number, body: unknown): Answer {
  return { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
}

type AppJson = Record<string, unknown>

function changeApps(answer: Answer, change: (app: AppJson) => AppJson): Answer {
  if (answer.status !== 200) return answer
  const body: { app?: AppJson; results?: { app?: AppJson }[] } = JSON.parse(answer.body)
  const changed = {
    ...(body.app && { app: change(body.app) }),
    ...(body.results && {
      results: body.results.map((each) => (each.app ? { ...each, app: change(each.app) } : each)),
    }),
  }
  return { ...answer, body: JSON.stringify(changed) }
}
