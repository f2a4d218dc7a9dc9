import type { AppCache } from './cache/cache.ts'
import type { Regions } from './endpoint/regions.ts'
import { createLruMap } from './lru-map.ts'
import type { LookupHints, RateLimiter } from './rate-limiter.ts'
import type { RevalidationQueue } from './refresh/queue.ts'
import { type AppLookupUnavailableError, tooManyUnknown, unavailable } from './result.ts'
import { LONG_AGO, sleep, type Timers } from './timers.ts'

export type RereadOptions = {
  readonly cache: AppCache
  readonly regions: Regions
  readonly queue: RevalidationQueue
  readonly rateLimiter: RateLimiter
  readonly maxCachedApps: number
  readonly clock: () => number
  readonly timers: Timers
}

/** Anyone can cause it, so each app is read at most so often; whoever comes in between waits for the next read. */
const GAP_MS = 1_000
/** How long it waits at most for the rate limit, so that a backend gets its response in time. */
const ADMISSION_MS = 500

/**
 * Reads a known app again, with a request that is sent after the call. Resolves when what is known is as new as that, or to
 * an error if it can't be.
 */
export type Reread = (
  id: string,
  hints: LookupHints | undefined,
) => Promise<AppLookupUnavailableError | undefined>

export function createReread(options: RereadOptions): Reread {
  const { cache, regions, queue, rateLimiter, maxCachedApps, clock, timers } = options
  const sentAt = createLruMap<string, number>(maxCachedApps)
  /** Reads that were not sent yet. */
  const next = new Map<string, ReturnType<Reread>>()

  const read: Reread = async (id, hints) => {
    const waitMs = (sentAt.peek(id) ?? LONG_AGO) + GAP_MS - clock()
    if (waitMs > 0) await sleep(timers, waitMs)
    const isAdmitted = await rateLimiter.admit(id, hints, ADMISSION_MS)
    next.delete(id)
    const record = cache.peek('id', id)
    if (!isAdmitted) return tooManyUnknown().error
    if (!regions.inUse()) return unavailable(regions.refusal()).error
    if (!record) return undefined
    sentAt.set(id, clock())
    const failure = await queue.readNow(record)
    return failure && unavailable(failure).error
  }

  return (id, hints) => {
    let reading = next.get(id)
    if (!reading) {
      reading = read(id, hints)
      next.set(id, reading)
    }
    return reading
  }
}
