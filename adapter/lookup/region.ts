import { type Answer, type Reader, RULES, readAnswerFor } from './answer.ts'
import { type Breaker, createBreaker, type ProbeResult } from './breaker.ts'
import type { Endpoint } from './endpoint.ts'
import { NO_APP_ID, type Request, requestFor } from './question.ts'
import type { Log } from './settings.ts'
import type { Token } from './token.ts'

/** An answer, and when the question was sent: the answer is at least as new as that, less its age. */
export type Asked<T> = { readonly answer: Answer<T>; readonly sentAt: number }

/** One region of the endpoint. */
export type Region = {
  readonly origin: string
  readonly breaker: Breaker
  /** Counters of exchanges by outcome. */
  readonly requests: Readonly<Record<keyof typeof RULES, number>>
  /** One question, asked once (again at once if the token file holds a new token). Never rejects. */
  ask<T>(request: Request, read: Reader<T>, deadlineMs: number): Promise<Asked<T>>
  close(): void
}

export type RegionOptions = {
  readonly endpoint: Endpoint
  readonly token: Token
  readonly attemptTimeoutMs: number
  /** Called when the region answers again. */
  readonly onRecovery: () => void
  readonly clock: () => number
  readonly log: Log
}

/** A question that takes longer than this has the region probed meanwhile. */
const SLOW_MS = 1_500

export function createRegion(options: RegionOptions): Region {
  const { endpoint, token, attemptTimeoutMs, onRecovery, clock, log } = options
  const requests = { found: 0, 'not-found': 0, refused: 0, broken: 0, denied: 0, failed: 0 }
  const probeRequest = requestFor('id', NO_APP_ID)
  const readProbe = readAnswerFor('id', NO_APP_ID)

  const exchange = async <T>(request: Request, read: Reader<T>, deadlineMs: number): Promise<Asked<T>> => {
    const used = await token.read()
    const sentAt = clock()
    const answer = read(await endpoint.exchange(request, used, deadlineMs))
    requests[answer.outcome] += 1
    const isRotated = answer.outcome === 'denied' && (await token.read(true)) !== used
    return isRotated ? exchange(request, read, deadlineMs) : { answer, sentAt }
  }

  const probe = async (): Promise<ProbeResult> => {
    const { answer } = await exchange(probeRequest, readProbe, attemptTimeoutMs)
    if (answer.outcome === 'found' || answer.outcome === 'not-found') return { state: 'answering' }
    if (answer.outcome === 'denied') return { state: 'denied' }
    return { ...answer, state: 'failing' }
  }
  const breaker = createBreaker({ origin: endpoint.origin, probe, onRecovery, clock, log })
  token.onChange(() => {
    if (breaker.state() === 'denied') void breaker.probeNow()
  })

  return {
    origin: endpoint.origin,
    breaker,
    requests,
    async ask(request, read, deadlineMs) {
      const slow = setTimeout(breaker.suspect, SLOW_MS)
      const asked = await exchange(request, read, deadlineMs)
      clearTimeout(slow)
      const evidence = RULES[asked.answer.outcome].region
      if (evidence === 'success') breaker.succeeded()
      else if (evidence !== 'neutral') breaker.suspect()
      return asked
    },
    close() {
      breaker.close()
      endpoint.close()
    },
  }
}
