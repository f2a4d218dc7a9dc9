import { once } from 'node:events'
import { Agent, request as sendRequest } from 'node:http'
import { text } from 'node:stream/consumers'
import { sendAtRate } from '../at-rate.ts'
import type { Request, Response } from './traffic.ts'

/** The results of some seconds of load. */
export type Outcome = {
  readonly seconds: number
  /** For each response: ms from the time at which the request was due to the end of the response. */
  readonly latencies: number[]
  /** For each request at a fixed rate: ms from the time at which it was due to the time at which it was sent. */
  readonly lags: number[]
  /** The number of responses by kind of request, by cache hit or miss (Server-Timing), and by error. */
  readonly kinds: Map<string, number>
  readonly cache: Map<string, number>
  readonly errors: Map<string, number>
}

export type LoadGenerator = {
  /** Sends requests over this number of connections, each as soon as it has its last response. */
  saturate(seconds: number, connections: number): Promise<Outcome>
  /**
   * Sends requests at a fixed rate per second, however long the responses take. Latency is measured from the time at which
   * the request was due, to avoid coordinated omission:
   * https://github.com/giltene/wrk2#acknowledging-coordinated-omission
   */
  pace(seconds: number, rate: number): Promise<Outcome>
  close(): void
}

// Longer than the timeout of a function, so that the gateway's response to a timeout comes first.
const TIMEOUT_MS = 15_000

/**
 * A client that sends the requests of `nextRequest`, and checks every response.
 *
 * No npm package does this: at a fixed rate, autocannon sends the requests of a second in one burst, and does not count a
 * closed connection as an error; loadtest measures latency from the time at which the request was sent. wrk2, vegeta and
 * k6 are not npm packages, or can't compare a response with its request.
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
    // Errors after the head of a response are errors of its body.
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
