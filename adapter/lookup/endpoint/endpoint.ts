import { type ClientRequest, Agent as HttpAgent, type IncomingMessage, request as sendHttp } from 'node:http'
import { Agent as HttpsAgent, request as sendHttps } from 'node:https'
import type { Request } from './request.ts'

/** A complete HTTP response of any status. */
export type HttpResponse = {
  readonly status: number
  readonly headers: { readonly [Name in 'age' | 'date' | 'etag' | 'retry-after']?: string | undefined }
  readonly body: string
}

/**
 * Why there is no complete response: Node's error code (`ECONNREFUSED`), `deadline`, `too-large`, `cut-off`,
 * `unsendable` for a header that HTTP does not allow, or `closed`.
 */
export type Fault = { readonly fault: string }

/** One URL of the endpoint, and the connections to it. */
export type Endpoint = {
  /** Scheme, host and port, for logs. */
  readonly origin: string
  /** One exchange, with its connection. Redirects are not followed. Never rejects. */
  exchange(request: Request, token: string, deadlineMs: number): Promise<HttpResponse | Fault>
  /** Ends the exchanges in flight as faults, and closes every connection. */
  close(): void
}

const MAX_ANSWER_BYTES = 1024 * 1024
/** Less than the minute after which load balancers usually close idle connections. */
const IDLE_CONNECTION_MS = 50_000

/** @param ca certificates in PEM, to trust instead of Node's own. */
export function createEndpoint(url: URL, ca?: string): Endpoint {
  const secure = url.protocol === 'https:'
  // Without a limit of connections, so that lookups of known apps do not wait for those of unknown apps.
  const agentOptions = {
    keepAlive: true,
    maxFreeSockets: 32,
    scheduling: 'lifo',
    timeout: IDLE_CONNECTION_MS,
  } as const
  const agent = secure ? new HttpsAgent({ ...agentOptions, ca }) : new HttpAgent(agentOptions)
  const send = secure ? sendHttps : sendHttp
  const basePath = url.pathname.replace(/\/+$/, '')
  let closed = false

  return {
    origin: url.origin,
    exchange: (request, token, deadlineMs) =>
      new Promise((resolve) => {
        let outgoing: ClientRequest | undefined
        let answered = false
        let settled = false
        const deadline = setTimeout(() => settle({ fault: 'deadline' }), deadlineMs)
        const settle = (outcome: HttpResponse | Fault) => {
          if (settled) return
          settled = true
          clearTimeout(deadline)
          resolve(outcome)
          if ('fault' in outcome) outgoing?.destroy()
        }
        const start = () => {
          const current = send({
            agent,
            protocol: url.protocol,
            hostname: url.hostname.replace(/^\[|\]$/g, ''),
            port: url.port,
            method: request.method,
            path: basePath + request.path,
            headers: {
              accept: 'application/json, application/problem+json',
              'accept-encoding': 'identity',
              'user-agent': 'soketi-http-app-manager',
              ...request.headers,
              authorization: `Bearer ${token}`,
              ...(request.body !== undefined && { 'content-length': Buffer.byteLength(request.body) }),
            },
          })
          outgoing = current
          current.on('error', (error: NodeJS.ErrnoException) => {
            // The server closed the idle connection. Every request is a read, so it is safe to repeat.
            // https://nodejs.org/api/http.html#requestreusedsocket
            const wasIdle = current.reusedSocket && (error.code === 'ECONNRESET' || error.code === 'EPIPE')
            if (wasIdle && !answered && !settled && !closed) start()
            else settle({ fault: error.code ?? 'network' })
          })
          current.on('response', (response) => {
            answered = true
            receive(response, settle)
          })
          current.end(request.body)
        }
        if (closed) return settle({ fault: 'closed' })
        try {
          start()
        } catch {
          settle({ fault: 'unsendable' })
        }
      }),
    close() {
      closed = true
      agent.destroy()
    },
  }
}

function receive(response: IncomingMessage, settle: (outcome: HttpResponse | Fault) => void): void {
  if (Number(response.headers['content-length']) > MAX_ANSWER_BYTES) settle({ fault: 'too-large' })
  const chunks: Buffer[] = []
  let bytes = 0
  response.on('data', (chunk: Buffer) => {
    bytes += chunk.length
    if (bytes > MAX_ANSWER_BYTES) settle({ fault: 'too-large' })
    else chunks.push(chunk)
  })
  response.on('end', () =>
    settle({
      status: response.statusCode ?? 0,
      headers: response.headers,
      body: Buffer.concat(chunks).toString('utf8'),
    }),
  )
  response.on('error', () => settle({ fault: 'cut-off' }))
  response.on('close', () => settle({ fault: 'cut-off' }))
}
