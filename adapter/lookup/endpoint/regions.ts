import { sleep, type Timers } from '../timers.ts'
import type { Region, TimedResponse } from './region.ts'
import type { Request } from './request.ts'
import { type Failure, failed, type Reader, RULES } from './response.ts'

/** A response, its region, and whether that is the nearest one. */
export type RegionalResponse<T> = TimedResponse<T> & {
  readonly region: Region | undefined
  readonly isNearest: boolean
}

/** The regions, nearest first. */
export type Regions = {
  readonly all: readonly Region[]
  /** The nearest region that answers. */
  inUse(): Region | undefined
  /** Resolves to whether a region answers: at once if one does, else after the next probe, at most after `maxMs`. */
  whenInUse(maxMs: number): Promise<boolean>
  /** The failure to report while no region is in use. */
  refusal(): Failure
  /** One request: sent again, and to other regions, by the rules. Never rejects. */
  ask<T>(request: Request, read: Reader<T>, limits: AskLimits): Promise<RegionalResponse<T>>
}

export type AskLimits = {
  readonly attempts: number
  /** For all attempts together. */
  readonly timeoutMs: number
}

export type RegionsOptions = {
  readonly clock: () => number
  readonly timers: Timers
  readonly random: () => number
}

const BACKOFF_MS = 100
const MAX_BACKOFF_MS = 1_000

/** The time that an attempt leaves to each other region. */
export const MIN_ATTEMPT_MS = 1_500

export const TIME_IS_OVER = failed('the time for the lookup was over')

export function createRegions(all: readonly Region[], { clock, timers, random }: RegionsOptions): Regions {
  const isAnswering = (region: Region) => region.breaker.state() === 'answering'

  /** Full jitter: https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/ */
  const backoffMs = (attempt: number) => random() * Math.min(MAX_BACKOFF_MS, BACKOFF_MS * 2 ** attempt)

  const refusal = (): Failure => {
    const isDenied = all.every((region) => region.breaker.state() === 'denied')
    const retryAfterMs = Math.min(...all.map((region) => region.breaker.nextProbeInMs()))
    return isDenied
      ? { outcome: 'denied', reason: 'every region rejects the token', retryAfterMs }
      : failed('no region answers', retryAfterMs)
  }

  const nextVerdictOf = async ({ breaker }: Region) => {
    if (!(await breaker.nextVerdict())) throw new Error('still not answering')
    return true
  }

  return {
    all,
    inUse: () => all.find(isAnswering),
    refusal,

    async whenInUse(maxMs) {
      if (all.some(isAnswering)) return true
      return new Promise((resolve) => {
        const tooLate = timers.after(maxMs, () => resolve(false))
        void Promise.any(all.map(nextVerdictOf))
          .catch(() => false)
          .then((answers) => {
            tooLate.cancel()
            resolve(answers)
          })
      })
    },

    async ask(request, read, { attempts, timeoutMs }) {
      const endsAt = clock() + timeoutMs
      const tries = new Map<Region, number>()
      const notBefore = new Map<Region, number>()
      const denying = new Set<Region>()
      let last: RegionalResponse<never> | undefined

      for (let attempt = 0; attempt < Math.max(attempts, 1); attempt += 1) {
        const candidates = all.filter((region) => isAnswering(region) && !denying.has(region))
        const [region] = candidates.sort((a, b) => (tries.get(a) ?? 0) - (tries.get(b) ?? 0))
        if (!region) break
        if (tries.has(region)) {
          const waitMs = Math.max(backoffMs(attempt), (notBefore.get(region) ?? 0) - clock())
          if (clock() + waitMs >= endsAt) break
          await sleep(timers, waitMs)
          if (!isAnswering(region)) continue
        }
        const leftMs = endsAt - clock()
        if (leftMs <= 0) break
        tries.set(region, (tries.get(region) ?? 0) + 1)
        const others = candidates.filter((candidate) => !tries.has(candidate)).length
        const ownMs = Math.max(leftMs - others * MIN_ATTEMPT_MS, leftMs / (others + 1))
        const { response, sentAt } = await region.ask(request, read, ownMs)
        const from = { sentAt, region, isNearest: region === all[0] }
        if (!('reason' in response) || RULES[response.outcome].isHealthy !== false)
          return { response, ...from }
        if (response.outcome === 'denied') denying.add(region)
        notBefore.set(region, clock() + (response.retryAfterMs ?? 0))
        if (!last || response.outcome === 'failed') last = { response, ...from }
      }
      const response = clock() < endsAt ? refusal() : TIME_IS_OVER
      return last ?? { response, sentAt: clock(), region: undefined, isNearest: false }
    },
  }
}
