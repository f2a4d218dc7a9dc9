import { type ClientRequest, Agent as HttpAgent, request as requestHttp } from 'node:http'
import { Agent as HttpsAgent, request as requestHttps } from 'node:https'
import type { HttpRequest } from '@smithy/types'
import type { Config } from '../config.ts'

/** A complete response; header names are in lower case. */
export type WireResponse = {
  readonly statusCode: number
  readonly headers: Record<string, string>
  readonly body: Buffer
}

/** Sends requests over kept-alive connections. */
export type Exchange = {
  /**
   * The response to a request that is safe to repeat.
   *
   * @param deadline epoch time in ms, after which nothing is sent
   * @throws {TimeoutError | DeadlineError | Error} a timeout, or Node's error of the connection
   */
  send(request: HttpRequest, deadline: number): Promise<WireResponse>
  /** Closes the connections. */
  destroy(): void
}

/** An attempt or its connection timed out. */
export class TimeoutError extends Error {
  override readonly name = 'TimeoutError'
}

/** The deadline of the whole read has passed. */
export class DeadlineError extends Error {
  override readonly name = 'DeadlineError'
}

/**
 * HTTP exchanges with deadlines. The SDK's client uses them instead of its own handler.
 *
 * A kept-alive connection can be dead, for example after the function was frozen. A request that fails on one is sent
 * again at once on a new connection, and all idle connections are closed, because they are probably dead as well.
 */
export function createExchange(config: Pick<Config, 'connectTimeoutMs' | 'attemptTimeoutMs'>): Exchange {
  const agents = { http: new HttpAgent({ keepAlive: true }), https: new HttpsAgent({ keepAlive: true }) }

  const open = ({ protocol, hostname: host, port, method, path, headers, body }: HttpRequest) => {
    const options = { host, port, method, path, headers }
    const request =
      protocol === 'https:'
        ? requestHttps({ ...options, agent: agents.https })
        : requestHttp({ ...options, agent: agents.http })
    return request.end(body)
  }

  const sendOnce = (request: HttpRequest, deadline: number) => {
    const timeLeftMs = deadline - Date.now()
    if (timeLeftMs <= 0) throw new DeadlineError()
    const outgoing = open(request)
    const isLast = timeLeftMs <= config.attemptTimeoutMs
    const response = receive(outgoing, {
      connectMs: config.connectTimeoutMs,
      ms: isLast ? timeLeftMs : config.attemptTimeoutMs,
      error: isLast ? new DeadlineError() : new TimeoutError(),
    })
    return { outgoing, response }
  }

  return {
    async send(request, deadline) {
      const { outgoing, response } = sendOnce(request, deadline)
      try {
        return await response
      } catch (error) {
        if (!outgoing.reusedSocket || error instanceof DeadlineError) throw error
        closeIdle(agents.http)
        closeIdle(agents.https)
        return await sendOnce(request, deadline).response
      }
    },
    destroy() {
      agents.http.destroy()
      agents.https.destroy()
    },
  }
}

type Limit = { readonly connectMs: number; readonly ms: number; readonly error: Error }

/** The whole response to a request, or an error within the limit. */
function receive(outgoing: ClientRequest, limit: Limit): Promise<WireResponse> {
  const { promise, resolve, reject } = Promise.withResolvers<WireResponse>()
  const timer = setTimeout(reject, limit.ms, limit.error)
  outgoing.on('error', reject)
  outgoing.once('socket', (socket) => {
    if (!socket.connecting) return
    const connectTimer = setTimeout(reject, limit.connectMs, new TimeoutError())
    const stop = () => clearTimeout(connectTimer)
    socket.once('connect', stop).once('close', stop)
  })
  outgoing.once('response', (incoming) => {
    const { statusCode = 0, headers } = incoming
    const chunks: Buffer[] = []
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
    incoming.on('error', reject)
    // Only set-cookie is a list, and DynamoDB does not send it.
    const end = () =>
      resolve({ statusCode, headers: headers as WireResponse['headers'], body: Buffer.concat(chunks) })
    incoming.once('end', end)
  })
  const settled = () => clearTimeout(timer)
  promise.then(settled, () => {
    settled()
    outgoing.destroy()
  })
  return promise
}

/** Closes the idle connections, so that the next request opens a new one. */
function closeIdle({ freeSockets }: HttpAgent): void {
  for (const socket of Object.values(freeSockets).flat()) socket?.destroy()
}
