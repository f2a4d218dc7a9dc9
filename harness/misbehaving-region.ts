import { once } from 'node:events'
import { createServer, type IncomingMessage, type RequestListener, request } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { Socket } from 'node:net'
import { type Certificate, createCertificate } from './certificate.ts'
import {
  FEED_MISBEHAVIOURS,
  MISBEHAVIOURS,
  type Misbehave,
  type RegionResponse,
  send,
} from './misbehaviours.ts'

/** A way for a region to misbehave, before a request is read or after. */
export type Misbehaviour =
  | keyof typeof MISBEHAVIOURS
  | keyof typeof FEED_MISBEHAVIOURS
  | 'refuses connections'
  | 'has an untrusted certificate'

/** A proxy in front of the endpoint that acts as one of its regions. `misbehave` changes its responses. */
export type Region = {
  readonly url: string
  /** The requests that reached it, as `GET /apps/demo`. */
  readonly requests: string[]
  /** Whether each of them has ended, by a response or by its client. */
  isIdle(): boolean
  /** The bearer token of each. */
  readonly tokens: string[]
  misbehave(how: Misbehaviour): Promise<void>
  recover(): Promise<void>
  close(): Promise<void>
}

/**
 * Starts a region that forwards requests to the endpoint at this URL. With a certificate, it uses HTTPS.
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
    const realResponse = () => passOn(endpointUrl, incoming)
    const behave = misbehave ?? (async () => send(response, await realResponse()))
    // Errors of clients that closed the connection are ignored.
    Promise.resolve(behave(response, realResponse, incoming.url ?? '')).catch(() => response.destroy())
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
      else if (how === 'has an untrusted certificate') await replaceCertificate(await createCertificate())
      else misbehave = { ...MISBEHAVIOURS, ...FEED_MISBEHAVIOURS }[how]
    },
    async recover() {
      misbehave = undefined
      if (certificate) await replaceCertificate(certificate)
      if (!server.listening) await listen(port)
    },
    close: stop,
  }
}

async function passOn(endpointUrl: string, incoming: IncomingMessage): Promise<RegionResponse> {
  const body = await read(incoming)
  const { method, headers } = incoming
  const outgoing = request(endpointUrl + incoming.url, {
    method,
    headers: { ...headers, connection: 'close' },
  })
  outgoing.end(body)
  const [response]: IncomingMessage[] = await once(outgoing, 'response')
  if (!response) throw new Error('The endpoint did not respond.')
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
