import type { Log } from '../log.ts'
import { LONG_AGO, type Timer, type Timers } from '../timers.ts'

/** `answering`: gets requests. `failing`: gets only probes. `denied`: rejects the token, gets only probes. */
export type RegionState = 'answering' | 'failing' | 'denied'

/** What a probe found. */
export type ProbeResult =
  | { readonly state: 'answering' | 'denied' }
  | { readonly state: 'failing'; readonly reason: string; readonly retryAfterMs?: number | undefined }

/** The breaker's numbers, in ms. Gaps between probes are drawn from 50 % to 150 % of what is given. */
export type BreakerTimes = {
  readonly probeGapMs: number
  /** The time after the first failure from which probes are less frequent, as they are at once if the token is denied. */
  readonly slowAfterMs: number
  readonly slowProbeGapMs: number
}

/** A region's circuit breaker: closed while the region is `answering`, open while it is `failing` or `denied`. */
export type Breaker = {
  state(): RegionState
  /** A request was answered: a probe that was in flight and fails is ignored. */
  recordSuccess(): void
  /** A request failed: the region is probed as soon as the gap since the last probe allows. */
  recordFailure(): void
  /** Probes now; resolves to the state after it. */
  probeNow(): Promise<RegionState>
  /** A caller waits: the next probe starts at most 0.5 s after the last one, or when the region wants to be asked again. */
  probeSoon(): void
  /** Resolves to whether the region answers, with the result of the next probe that starts. */
  nextVerdict(): Promise<boolean>
  /** When the next probe is due, in ms from now. */
  nextProbeInMs(): number
  close(): void
}

export type BreakerOptions = {
  readonly origin: string
  readonly probe: () => Promise<ProbeResult>
  /** Called when the region answers again, or no longer. */
  readonly onChange?: (answers: boolean) => void
  readonly clock: () => number
  readonly timers: Timers
  readonly random: () => number
  readonly log: Log
  readonly times?: BreakerTimes
}

const defaultTimes: BreakerTimes = {
  probeGapMs: 500,
  slowAfterMs: 30_000,
  slowProbeGapMs: 5_000,
}
const DENIED_LOG_MS = 60_000

/**
 * A circuit breaker with active health checks: its state changes only on a probe's result.
 *
 * A failed request starts a probe, which looks up an id that no app has. So a name that a client sent, or one app that
 * the endpoint can't read, does not open the breaker, and an outage opens it one probe after the first failed request.
 * Probes continue, and can overlap, until one is answered.
 */
export function createBreaker(options: BreakerOptions): Breaker {
  const { origin, probe, onChange, clock, timers, random, log, times = defaultTimes } = options
  let state: RegionState = 'answering'
  let failingSince = 0
  let lastSuccessAt = LONG_AGO
  let lastProbeAt = LONG_AGO
  let nextProbeAt = LONG_AGO
  /** As the region's Retry-After says. */
  let notBefore = LONG_AGO
  let deniedLoggedAt = LONG_AGO
  let timer: Timer | undefined
  let closed = false
  const waiting = new Set<{ readonly since: number; readonly resolve: (answers: boolean) => void }>()

  const gapMs = () => {
    const isSlow = state === 'denied' || (state === 'failing' && clock() - failingSince >= times.slowAfterMs)
    return (isSlow ? times.slowProbeGapMs : times.probeGapMs) * (0.5 + random())
  }

  const schedule = () => {
    if (closed || timer) return
    timer = timers.inBackground(Math.max(0, nextProbeAt - clock()), () => void run())
  }

  const unschedule = () => {
    timer?.cancel()
    timer = undefined
  }

  const run = async (): Promise<RegionState> => {
    unschedule()
    const startedAt = clock()
    lastProbeAt = startedAt
    nextProbeAt = startedAt + gapMs()
    if (state !== 'answering') schedule()
    const result = await probe()
    if (!closed) conclude(result, startedAt)
    return state
  }

  const conclude = (result: ProbeResult, startedAt: number) => {
    if (result.state === 'answering') {
      lastSuccessAt = clock()
      if (state !== 'answering') {
        log('info', `${origin} answers again after ${Math.round((clock() - failingSince) / 1000)} s`)
        state = 'answering'
        onChange?.(true)
      }
      unschedule()
    } else if (lastSuccessAt < startedAt) {
      if (state === 'answering') failingSince = startedAt
      if (result.state === 'failing') {
        if (state !== 'failing') log('warn', `${origin} is not answering (${result.reason}); trying again`)
        notBefore = clock() + (result.retryAfterMs ?? 0)
        nextProbeAt = Math.max(nextProbeAt, notBefore)
      } else if (clock() - deniedLoggedAt >= DENIED_LOG_MS) {
        deniedLoggedAt = clock()
        log('error', `${origin} rejects the token`)
      }
      if (state !== result.state) {
        const wasAnswering = state === 'answering'
        state = result.state
        nextProbeAt = Math.max(nextProbeAt, startedAt + gapMs())
        if (wasAnswering) onChange?.(false)
      }
      unschedule()
      schedule()
    }
    for (const waiter of waiting)
      if (state === 'answering' || startedAt >= waiter.since) {
        waiting.delete(waiter)
        waiter.resolve(state === 'answering')
      }
  }

  return {
    state: () => (closed ? 'failing' : state),
    recordSuccess: () => {
      lastSuccessAt = clock()
    },
    recordFailure: schedule,
    probeNow: run,
    probeSoon() {
      const soonAt = Math.max(lastProbeAt + times.probeGapMs, notBefore)
      if (state === 'answering' || soonAt >= nextProbeAt) return
      nextProbeAt = soonAt
      unschedule()
      schedule()
    },
    nextVerdict: () =>
      state === 'answering' || closed
        ? Promise.resolve(!closed)
        : new Promise((resolve) => waiting.add({ since: clock(), resolve })),
    nextProbeInMs: () => Math.max(0, nextProbeAt - clock()),
    close() {
      closed = true
      timer?.cancel()
      for (const waiter of waiting) waiter.resolve(false)
      waiting.clear()
    },
  }
}
