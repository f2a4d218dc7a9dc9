import { once } from 'node:events'
import { Agent, request as sendRequest } from 'node:http'
import { text } from 'node:stream/consumers'
import type { Request, Response } from './traffic.ts'

/** Numbers of responses so far. */
export type Counts = {
  /** Right ones, by kind of request. */
  readonly kinds: ReadonlyMap<string, number>
  /** Right ones, by `hit` or `miss` of the function's cache (Server-Timing). */
  readonly cache: ReadonlyMap<string, number>
  /** Wrong or missing ones, by kind of request and error. */
  readonly errors: ReadonlyMap<string, number>
}

export type LoadGenerator = Counts & {
  /**
   * Sends requests over this number of new connections, each as soon as it has its last response.
   *
   * @returns the right responses per second
   */
  run(seconds: number, connections: number): Promise<number>
}

// Longer than the timeout of a function, so that the gateway's response to a timeout comes first.
const TIMEOUT_MS = 15_000

/**
 * A client that sends the requests of `nextRequest`, and checks every response. No npm package does: autocannon does not
 * count a closed connection as an error, and others can't compare a response with its request.
 */
export function createLoadGenerator(url: string, nextRequest: () => Request): LoadGenerator {
  const [kinds, cache, errors] = [new Map(), new Map(), new Map()]
  return {
    kinds,
    cache,
    errors,
    async run(seconds, connections) {
      const agent = new Agent({ keepAlive: true })
      const startedAt = performance.now()
      let right = 0
      const sendAll = async () => {
        while (performance.now() < startedAt + 1000 * seconds) if (await isRight(agent)) right += 1
      }
      await Promise.all(Array.from({ length: connections }, sendAll))
      agent.destroy()
      return (1000 * right) / (performance.now() - startedAt)
    },
  }

  async function isRight(agent: Agent): Promise<boolean> {
    const request = nextRequest()
    try {
      const response = await send(url, request, agent)
      if (response.status !== request.status) throw new Error(`status ${response.status}`)
      if (request.isRight?.(response) === false) throw new Error('a wrong response')
      count(kinds, request.kind)
      const [, hitOrMiss] = /cache;desc=(\w+)/.exec(String(response.headers['server-timing'])) ?? []
      if (hitOrMiss) count(cache, hitOrMiss)
      return true
    } catch (error) {
      count(errors, `${request.kind}: ${error instanceof Error ? error.message : error}`)
      return false
    }
  }
}

async function send(url: string, { path, method, headers, body }: Request, agent: Agent): Promise<Response> {
  const request = sendRequest(url + path, { agent, method, headers, timeout: TIMEOUT_MS })
  request.on('timeout', () => request.destroy(new Error(`no response in ${TIMEOUT_MS} ms`)))
  // Errors after the head of a response are errors of its body.
  request.on('error', () => {})
  request.end(body)
  const [response] = await once(request, 'response')
  return { status: response.statusCode, headers: response.headers, text: await text(response) }
}

function count(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1)
}
