import { once } from 'node:events'
import { Agent, request } from 'node:http'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Answer, Question } from './traffic.ts'

/** What came of some seconds of load. */
export type Drive = {
  readonly seconds: number
  /** Of each answered request: ms from when it was due to the end of its answer. */
  readonly latencies: readonly number[]
  /** Of each request at a fixed rate: ms from when it was due to when it was sent. */
  readonly lags: readonly number[]
  /** Answers by kind of request. */
  readonly answers: Readonly<Record<string, number>>
  /** Of the answers that say so: how many came from a function's memory, and from DynamoDB. */
  readonly hits: number
  readonly misses: number
  /** What went wrong, and how often: an answer that is not the right one, a reset, no answer in time. */
  readonly problems: Readonly<Record<string, number>>
}

export type Driver = {
  /** Asks over so many connections, each as soon as its last answer is there. */
  saturate(seconds: number, connections: number): Promise<Drive>
  /**
   * Asks so many times a second, evenly, however long the answers take. A latency counts from when the request was
   * due, so that a server that stalls can't hide what would have been asked meanwhile (coordinated omission:
   * https://github.com/giltene/wrk2#acknowledging-coordinated-omission).
   */
  pace(seconds: number, rate: number): Promise<Drive>
  close(): void
}

// Longer than a function may take by the template, so that the gateway's own word on that comes first.
const TIMEOUT_MS = 15_000

/**
 * A client that asks what the traffic says, and waits for every answer before it tells.
 *
 * Its own, because autocannon at a fixed rate sends a second's requests in one burst, adds made-up latencies at every
 * millisecond below a measured one, and takes a connection that the server closed on a request for no error.
 */
export function createDriver(url: string, ask: () => Question): Driver {
  const agent = new Agent({ keepAlive: true })

  const send = async ({ path, method, headers, body }: Question): Promise<Answer> => {
    const sent = request(url + path, { agent, method, headers, timeout: TIMEOUT_MS })
    sent.on('timeout', () => sent.destroy(new Error(`no answer in ${TIMEOUT_MS} ms`)))
    // An error after the head of the answer is told by its body.
    sent.on('error', () => {})
    sent.end(body)
    const [response] = await once(sent, 'response')
    return { status: response.statusCode, headers: response.headers, text: await text(response) }
  }

  const measure = async (
    run: (askOne: (dueAt: number) => Promise<void>) => Promise<unknown>,
  ): Promise<Drive> => {
    const startedAt = performance.now()
    const drive = { latencies: [] as number[], lags: [] as number[], hits: 0, misses: 0 }
    const answers: Record<string, number> = {}
    const problems: Record<string, number> = {}
    await run(async (dueAt) => {
      const question = ask()
      drive.lags.push(performance.now() - dueAt)
      try {
        const answer = await send(question)
        drive.latencies.push(performance.now() - dueAt)
        answers[question.kind] = (answers[question.kind] ?? 0) + 1
        const timing = String(answer.headers['server-timing'])
        if (timing.includes('hit')) drive.hits += 1
        if (timing.includes('miss')) drive.misses += 1
        if (answer.status !== question.status) throw new Error(`status ${answer.status}`)
        if (question.isRight?.(answer) === false) throw new Error('a wrong answer')
      } catch (error) {
        const problem = `${question.kind}: ${error instanceof Error ? error.message : error}`
        problems[problem] = (problems[problem] ?? 0) + 1
      }
    })
    return { ...drive, seconds: (performance.now() - startedAt) / 1000, answers, problems }
  }

  return {
    saturate: (seconds, connections) =>
      measure((askOne) => {
        const end = performance.now() + 1000 * seconds
        const connection = async () => {
          while (performance.now() < end) await askOne(performance.now())
        }
        return Promise.all(Array.from({ length: connections }, connection))
      }),
    pace: (seconds, rate) =>
      measure(async (askOne) => {
        const startedAt = performance.now()
        const asked: Promise<void>[] = []
        for (let number = 0; number < seconds * rate; number += 1) {
          const dueAt = startedAt + (1000 * number) / rate
          for (let wait = dueAt - performance.now(); wait > 0; wait = dueAt - performance.now())
            await sleep(wait)
          asked.push(askOne(dueAt))
        }
        await Promise.all(asked)
      }),
    close: () => agent.destroy(),
  }
}
