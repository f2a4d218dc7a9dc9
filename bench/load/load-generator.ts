import { once } from 'node:events'
import { Agent, request as sendRequest } from 'node:http'
import { text } from 'node:stream/consumers'
import { sendAtRate } from '../at-rate.ts'
import type { Request, Response } from './traffic.ts'

/** What came of some seconds of load. */
export type Outcome = {
  readonly seconds: number
  /** Of each response: ms from when its request was due to its end. */
  readonly latencies: number[]
  /** Of each request at a fixed rate: ms from when it was due to when it was sent. */
  readonly lags: number[]
  /** Responses by kind of request; by what their Server-Timing says of the function's cache; what was wrong with them. */
  readonly kinds: Map<string, number>
  readonly cache: Map<string, number>
  readonly errors: Map<string, number>
}

export type LoadGenerator = {
  /** Sends over so many connections, each as soon as it has its last response. */
  saturate(seconds: number, connections: number): Promise<Outcome>
  /**
   * Sends so many requests a second, evenly, however long the responses take. A latency counts from when the request
   * was due, so that a server that stalls can't hide what would have been sent meanwhile (coordinated omission:
   * https://github.com/giltene/wrk2#acknowledging-coordinated-omission).
   */
  pace(seconds: number, rate: number): Promise<Outcome>
  close(): void
}

// Longer than a function may take by the template, so that the gateway's own answer to that comes first.
const TIMEOUT_MS = 15_000

/**
 * A client that sends what `nextRequest` returns, and checks every response.
 *
 * Its own, because at a fixed rate autocannon sends a second's requests in one burst and counts a closed connection as
 * no error, loadtest counts a latency from when the request was sent, and what does it right (wrk2, vegeta, k6) is no
 * package of npm's or can't check a response against what was asked.
 */
export function createLoadGenerator(url: string, nextRequest: () => Request): LoadGenerator {
  const agent = new Agent({ keepAlive: true })
  return {
    saturate: (seconds, connections) =>
      collect(async (outcome) => {
        const end = performance.now() + 1000 * seconds
        const connection = async () => {
          while (performance.now() < end) await exchange(performance.now(), outcome)
        }
        await Promise.all(Array.from({ length: connections }, connection))
      }),
    pace: (seconds, rate) =>
      collect((outcome) =>
        sendAtRate(rate, seconds, (dueAt) => {
          outcome.lags.push(performance.now() - dueAt)
          return exchange(dueAt, outcome)
        }),
      ),
    close: () => agent.destroy(),
  }

  async function exchange(dueAt: number, { latencies, kinds, cache, errors }: Outcome): Promise<void> {
    const request = nextRequest()
    try {
      const response = await send(request)
      latencies.push(performance.now() - dueAt)
      count(kinds, request.kind)
      const [, hitOrMiss] = /cache;desc=(\w+)/.exec(String(response.headers['server-timing'])) ?? []
      if (hitOrMiss) count(cache, hitOrMiss)
      if (response.status !== request.status) throw new Error(`status ${response.status}`)
      if (request.isRight?.(response) === false) throw new Error('a wrong answer')
    } catch (error) {
      count(errors, `${request.kind}: ${error instanceof Error ? error.message : error}`)
    }
  }

  async function send({ path, method, headers, body }: Request): Promise<Response> {
    const request = sendRequest(url + path, { agent, method, headers, timeout: TIMEOUT_MS })
    request.on('timeout', () => request.destroy(new Error(`no response in ${TIMEOUT_MS} ms`)))
    // What goes wrong after the response's head is reported by its body.
    request.on('error', () => {})
    request.end(body)
    const [response] = await once(request, 'response')
    return { status: response.statusCode, headers: response.headers, text: await text(response) }
  }
}

async function collect(run: (outcome: Outcome) => Promise<void>): Promise<Outcome> {
  const outcome = { latencies: [], lags: [], kinds: new Map(), cache: new Map(), errors: new Map() }
  const startedAt = performance.now()
  await run({ ...outcome, seconds: Number.NaN })
  return { ...outcome, seconds: (performance.now() - startedAt) / 1000 }
}

function count(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1)
}
