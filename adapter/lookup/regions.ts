import { type Failure, type Reader, RULES } from './answer.ts'
import type { Request } from './question.ts'
import type { Asked, Region } from './region.ts'

/** An answer, and whether it is the nearest region's. */
export type RegionalAnswer<T> = Asked<T> & { readonly isNearest: boolean }

/** The regions, nearest first. */
export type Regions = {
  /** The nearest region that answers, as far as is known. */
  inUse(): Region | undefined
  /** Resolves to whether a region answers: at once if one does, else after the next probe, at most after `maxMs`. */
  whenInUse(maxMs: number): Promise<boolean>
  /** What is to be said while no region is in use. */
  refusal(): Failure
  /** One question: asked again, and in other regions, by the rules. Never rejects. */
  ask<T>(request: Request, read: Reader<T>, limits: AskLimits): Promise<RegionalAnswer<T>>
}

export type AskLimits = {
  readonly attempts: number
  readonly attemptTimeoutMs: number
  /** For all attempts together. */
  readonly timeoutMs: number
}

const BACKOFF_MS = 100
const MAX_BACKOFF_MS = 1_000

/** Full jitter: https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/ */
const backoffMs = (attempt: number) => Math.random() * Math.min(MAX_BACKOFF_MS, BACKOFF_MS * 2 ** attempt)

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

export function createRegions(regions: readonly Region[], clock: () => number): Regions {
  const answering = () => regions.filter((region) => region.breaker.state() === 'answering')

  const refusal = (): Failure => {
    const isDenied = regions.every((region) => region.breaker.state() === 'denied')
    return {
      outcome: isDenied ? 'denied' : 'failed',
      reason: isDenied ? 'every region refuses the token' : 'no region answers',
      retryAfterMs: Math.min(...regions.map((region) => region.breaker.nextProbeInMs())),
    }
  }

  return {
    inUse: () => answering()[0],
    refusal,

    async whenInUse(maxMs) {
      if (answering().length > 0) return true
      let timer: NodeJS.Timeout | undefined
      const tooLate = new Promise<boolean>((resolve) => {
        timer = setTimeout(() => resolve(false), maxMs)
      })
      const verdicts = regions.map(async ({ breaker }) => {
        if (!(await breaker.nextVerdict())) throw new Error('still not answering')
        return true
      })
      const answers = await Promise.race([tooLate, Promise.any(verdicts).catch(() => false)])
      clearTimeout(timer)
      return answers
    },

    async ask(request, read, { attempts, attemptTimeoutMs, timeoutMs }) {
      const endsAt = clock() + timeoutMs
      const tries = new Map<Region, number>()
      const notBefore = new Map<Region, number>()
      const denying = new Set<Region>()
      let last: RegionalAnswer<never> | undefined

      for (let attempt = 0; attempt < Math.max(attempts, 1); attempt += 1) {
        const candidates = answering().filter((region) => !denying.has(region))
        const [region] = candidates.sort((a, b) => (tries.get(a) ?? 0) - (tries.get(b) ?? 0))
        if (region === undefined) break
        if (tries.has(region)) {
          const waitMs = Math.max(backoffMs(attempt), (notBefore.get(region) ?? 0) - clock())
          if (clock() + waitMs >= endsAt) break
          await sleep(waitMs)
          if (region.breaker.state() !== 'answering') continue
        }
        tries.set(region, (tries.get(region) ?? 0) + 1)

        const asked = await region.ask(request, read, Math.min(attemptTimeoutMs, endsAt - clock()))
        const isNearest = region === regions[0]
        const { answer } = asked
        if (answer.outcome === 'found' || answer.outcome === 'not-found') return { ...asked, isNearest }
        if (RULES[answer.outcome].again === 'no') return { answer, sentAt: asked.sentAt, isNearest }
        if (answer.outcome === 'denied') denying.add(region)
        if (answer.retryAfterMs !== undefined) notBefore.set(region, clock() + answer.retryAfterMs)
        if (last === undefined || answer.outcome === 'failed')
          last = { answer, sentAt: asked.sentAt, isNearest }
        if (clock() >= endsAt) break
      }
      return last ?? { answer: refusal(), sentAt: clock(), isNearest: false }
    },
  }
}
