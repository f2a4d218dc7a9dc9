import type { Log } from './settings.ts'
import type { RegionState } from './stats.ts'

/** What a probe found. */
export type ProbeResult =
  | { readonly state: 'answering' | 'denied' }
  | { readonly state: 'failing'; readonly reason: string; readonly retryAfterMs?: number }

/** The breaker's numbers, in ms. Gaps between probes are drawn from 50 % to 150 % of what is given. */
export type BreakerTimes = {
  readonly probeGapMs: number
  /** From here on after the first failure, probes slow down. */
  readonly slowAfterMs: number
  readonly slowProbeGapMs: number
  readonly deniedProbeGapMs: number
}

/** Whether a region is worth asking. */
export type Breaker = {
  state(): RegionState
  /** A lookup was answered: a probe that fails while lookups are answered proves nothing. */
  succeeded(): void
  /** A lookup went wrong: a probe is due, as soon as the gap since the last one allows. */
  suspect(): void
  /** Probes now; resolves to the state after it. */
  probeNow(): Promise<RegionState>
  /** Resolves to whether the region answers, as soon as a probe that starts from now on has said so. */
  nextVerdict(): Promise<boolean>
  /** About when the next probe says more, in ms from now. */
  nextProbeInMs(): number
  close(): void
}

export type BreakerOptions = {
  readonly origin: string
  readonly probe: () => Promise<ProbeResult>
  /** Called when the region answers again. */
  readonly onRecovery?: () => void
  readonly clock: () => number
  readonly log: Log
  readonly times?: BreakerTimes
}

const defaultTimes: BreakerTimes = {
  probeGapMs: 500,
  slowAfterMs: 30_000,
  slowProbeGapMs: 5_000,
  deniedProbeGapMs: 5_000,
}
const DENIED_LOG_MS = 60_000

/**
 * A breaker that only its own probe moves.
 *
 * Lookups make a region suspect, and the probe asks it for an id that no app has. So nothing that a stranger sends
 * opens the breaker, nor does one app that the endpoint can't read; and an outage opens it one probe after the first
 * failed lookup. Probes go on, and may overlap, until one is answered.
 */
export function createBreaker(options: BreakerOptions): Breaker {
  const { origin, probe, onRecovery, clock, log, times = defaultTimes } = options
  let state: RegionState = 'answering'
  let failingSince = 0
  let lastSuccessAt = Number.NEGATIVE_INFINITY
  let nextProbeAt = Number.NEGATIVE_INFINITY
  let deniedLoggedAt = Number.NEGATIVE_INFINITY
  let timer: NodeJS.Timeout | undefined
  let closed = false
  const waiting = new Set<{ readonly since: number; readonly resolve: (answers: boolean) => void }>()

  const gapMs = () => {
    const slow = clock() - failingSince >= times.slowAfterMs
    const base =
      state === 'denied'
        ? times.deniedProbeGapMs
        : state === 'failing' && slow
          ? times.slowProbeGapMs
          : times.probeGapMs
    return base * (0.5 + Math.random())
  }

  const schedule = () => {
    if (closed || timer !== undefined) return
    timer = setTimeout(() => void run(), Math.max(0, nextProbeAt - clock()))
    timer.unref()
  }

  const run = async (): Promise<RegionState> => {
    clearTimeout(timer)
    timer = undefined
    const startedAt = clock()
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
        onRecovery?.()
      }
      clearTimeout(timer)
      timer = undefined
    } else if (lastSuccessAt < startedAt) {
      if (state === 'answering') failingSince = startedAt
      if (result.state === 'failing') {
        if (state !== 'failing') log('warn', `${origin} is not answering (${result.reason}); trying again`)
        nextProbeAt = Math.max(nextProbeAt, clock() + (result.retryAfterMs ?? 0))
      } else if (clock() - deniedLoggedAt >= DENIED_LOG_MS) {
        deniedLoggedAt = clock()
        log('error', `${origin} refuses the token`)
      }
      if (state !== result.state) {
        state = result.state
        nextProbeAt = Math.max(nextProbeAt, startedAt + gapMs())
      }
      clearTimeout(timer)
      timer = undefined
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
    succeeded: () => {
      lastSuccessAt = clock()
    },
    suspect: schedule,
    probeNow: run,
    nextVerdict: () =>
      state === 'answering' || closed
        ? Promise.resolve(!closed)
        : new Promise((resolve) => waiting.add({ since: clock(), resolve })),
    nextProbeInMs: () => Math.max(0, nextProbeAt - clock()),
    close() {
      closed = true
      clearTimeout(timer)
      for (const waiter of waiting) waiter.resolve(false)
      waiting.clear()
    },
  }
}
