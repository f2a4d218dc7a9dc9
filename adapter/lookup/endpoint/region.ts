import type { Log } from '../log.ts'
import { NEVER, type Timers } from '../timers.ts'
import { type Breaker, createBreaker, type ProbeResult } from './breaker.ts'
import type { Endpoint } from './endpoint.ts'
import { NO_APP_ID, probeRequest, type Request, type RequestKind } from './request.ts'
import { type Outcome, type Reader, type ReadResponse, RULES, readResponseFor } from './response.ts'
import type { Token } from './token.ts'

/** A response, and when the request was sent: the content is at least as new as that, less its age. */
export type TimedResponse<T> = { readonly response: ReadResponse<T>; readonly sentAt: number }

/** Counters of exchanges, by what they were for and what came of them. */
export type RequestCounts = Readonly<Record<RequestKind, Partial<Record<Outcome, number>>>>

/** One region of the endpoint. */
export type Region = {
  readonly origin: string
  readonly breaker: Breaker
  readonly requests: RequestCounts
  /**
   * One request, sent once (again at once if the token file holds a new token). It takes at most `attemptTimeoutMs`, and at
   * most `maxMs`. Never rejects.
   */
  ask<T>(request: Request, read: Reader<T>, maxMs?: number): Promise<TimedResponse<T>>
  close(): void
}

export type RegionOptions = {
  readonly endpoint: Endpoint
  readonly token: Token
  readonly attemptTimeoutMs: number
  /** Called when the region answers again, or no longer. */
  readonly onChange: (answers: boolean) => void
  readonly clock: () => number
  readonly timers: Timers
  readonly random: () => number
  readonly log: Log
}

/** A request that takes longer than this has the region probed meanwhile. */
const SLOW_MS = 1_500

/** A deadline that is noticed so late was missed by this process, such as one in a virtual machine that was frozen. */
export const PAUSE_MS = 1_000

export function createRegion(options: RegionOptions): Region {
  const { endpoint, token, attemptTimeoutMs, clock, timers } = options
  const requests: RequestCounts = { lookup: {}, batch: {}, poll: {}, probe: {} }
  const readProbe = readResponseFor('id', NO_APP_ID)

  const exchange = async <T>(
    request: Request,
    read: Reader<T>,
    deadlineMs: number,
  ): Promise<TimedResponse<T>> => {
    const used = await token.read()
    const sentAt = clock()
    const received = await endpoint.exchange(request, used, deadlineMs)
    // A process that was stopped meanwhile can't say whether the endpoint responded in time.
    if ('fault' in received && clock() - sentAt > deadlineMs + PAUSE_MS)
      return exchange(request, read, deadlineMs)
    const response = read(received)
    const counts = requests[request.kind]
    counts[response.outcome] = (counts[response.outcome] ?? 0) + 1
    const isRotated = response.outcome === 'denied' && (await token.read(true)) !== used
    return isRotated ? exchange(request, read, deadlineMs) : { response, sentAt }
  }

  const probe = async (): Promise<ProbeResult> => {
    const { response } = await exchange(probeRequest, readProbe, attemptTimeoutMs)
    if (!('reason' in response)) return { state: 'answering' }
    return response.outcome === 'denied' ? { state: 'denied' } : { ...response, state: 'failing' }
  }
  const breaker = createBreaker({ ...options, origin: endpoint.origin, probe })
  token.onChange(() => {
    if (breaker.state() === 'denied') void breaker.probeNow()
  })

  return {
    origin: endpoint.origin,
    breaker,
    requests,
    async ask(request, read, maxMs = NEVER) {
      const slow = timers.inBackground(SLOW_MS, breaker.recordFailure)
      const asked = await exchange(request, read, Math.min(attemptTimeoutMs, maxMs))
      slow.cancel()
      const { isHealthy } = RULES[asked.response.outcome]
      if (isHealthy) breaker.recordSuccess()
      else if (isHealthy === false) breaker.recordFailure()
      return asked
    },
    close() {
      breaker.close()
      endpoint.close()
    },
  }
}
