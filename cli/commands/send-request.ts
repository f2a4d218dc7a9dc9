import http from 'node:http'
import https from 'node:https'
import { isIP } from 'node:net'
import timer from '@szmarczak/http-timer'
import type { App } from '../../functions/apps/app.ts'
import { createAgents } from '../terminal/proxy.ts'

/** How long each phase of a request took, in ms; `undefined` for a phase that did not take place. */
export type Times = Readonly<
  Partial<Record<'dns' | 'tcp' | 'tls' | 'request' | 'firstByte' | 'download' | 'total', number>>
>

/** A response of the endpoint, with its JSON, if any, and the timings in its headers. */
export type EndpointResponse = {
  readonly status: number
  readonly json: { readonly app?: App; readonly code?: string; readonly detail?: string } | undefined
  readonly times: Times
  /** How long the function waited for DynamoDB, from `Server-Timing`. */
  readonly dynamodbMs: number | undefined
  readonly cache: string | undefined
  /** Seconds since DynamoDB was read, from `Age`. */
  readonly ageSeconds: number | undefined
}

type Request = { readonly method: string; readonly path: string; readonly body?: string }

const TIMEOUT_MS = 10_000

/**
 * Sends a request over a new connection, without following redirects.
 *
 * @throws {Error} Node's error with its `code`, or a `TimeoutError` if there is no response within 10 s
 */
export async function sendRequest(
  url: URL,
  request: Request,
  token: string,
  stopped: AbortSignal,
): Promise<EndpointResponse> {
  const { promise, resolve, reject } = Promise.withResolvers<{
    message: http.IncomingMessage
    text: string
  }>()
  const { protocol, pathname, hostname } = url
  const { httpAgent, httpsAgent } = createAgents({ keepAlive: false })
  const signal = AbortSignal.any([stopped, AbortSignal.timeout(TIMEOUT_MS)])
  const outgoing = (protocol === 'https:' ? https : http).request(url, {
    method: request.method,
    path: `${pathname.replace(/\/+$/, '')}${request.path}`,
    agent: protocol === 'https:' ? httpsAgent : httpAgent,
    signal,
    headers: {
      authorization: `Bearer ${token}`,
      ...(request.body !== undefined && { 'content-type': 'application/json' }),
    },
  })
  const timings = timer(outgoing)
  outgoing.on('error', (error) => reject(signal.aborted ? signal.reason : error))
  outgoing.on('response', (message) => {
    const chunks: Buffer[] = []
    message.on('data', (chunk: Buffer) => chunks.push(chunk))
    message.on('error', reject)
    message.on('end', () => resolve({ message, text: Buffer.concat(chunks).toString() }))
  })
  outgoing.end(request.body)
  const { message, text } = await promise
  const serverTiming = String(message.headers['server-timing'] ?? '')
  const age = message.headers.age
  return {
    status: message.statusCode ?? 0,
    json: parse(text),
    times: isIP(hostname.replace(/[[\]]/g, '')) ? withoutDns(timings.phases) : timings.phases,
    dynamodbMs: numberIn(/dynamodb;dur=([\d.]+)/.exec(serverTiming)?.[1]),
    cache: /cache;desc=(\w+)/.exec(serverTiming)?.[1],
    ageSeconds: numberIn(age),
  }
}

/** An IP address needs no DNS lookup, but the timer counts a part of the connection as one. */
function withoutDns({ dns = 0, tcp = 0, ...times }: Times): Times {
  return { ...times, tcp: dns + tcp }
}

function parse(text: string): EndpointResponse['json'] {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? value : undefined
  } catch {
    return undefined
  }
}

function numberIn(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Number(text)
}
