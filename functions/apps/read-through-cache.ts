import { type Bounds, createLru } from './lru.ts'

/** A value and when it was read. `readAt` is the epoch time in ms at which the read began, so an age is never too low. */
export type Reading<T> = { readonly value: T | undefined; readonly readAt: number }

/** The limits and TTLs of a cache. */
export type CacheOptions<T> = Bounds & {
  /** How long a value is fresh, counted from its read; 0 turns caching off. */
  readonly ttlMs: number
  /** The same for a negative result, that is, that there is no such value. */
  readonly negativeTtlMs: number
  /** About how large a value is in memory. */
  readonly bytesOf: (value: T) => number
}

/** A read-through cache; `readMs` is present if this call waited for a read. */
export type Cache<T> = (
  key: string,
  read: () => Promise<T | undefined>,
  options?: {
    /** Reads again even if the key is cached or in flight, so that the read begins after this call. */
    readonly bypass?: boolean
  },
) => Promise<Reading<T> & { readonly readMs?: number }>

/**
 * Creates a cache for one kind of key.
 *
 * Values and negative results have separate limits, so that lookups of many keys that don't exist evict no value. Reads
 * of one key are single-flight, unless they bypass the cache. An older reading never replaces a newer one. Errors are
 * not cached.
 */
export function createCache<T>({ ttlMs, negativeTtlMs, bytesOf, ...bounds }: CacheOptions<T>): Cache<T> {
  const bytesOfReading = ({ value }: Reading<T>) => (value === undefined ? 0 : bytesOf(value))
  const values = createLru(bounds, bytesOfReading)
  const negatives = createLru(bounds, bytesOfReading)
  const inFlight = new Map<string, Promise<Reading<T>>>()

  // The wall clock, because a monotonic one may stand still while Lambda freezes the function between requests. After the
  // clock was set back, the age of a reading from the future is not known, so such a reading is not used.
  const isFresh = (reading: Reading<T> | undefined, ttl: number): reading is Reading<T> =>
    reading !== undefined && isPast(reading) && Date.now() - reading.readAt < ttl

  const freshReading = (key: string): Reading<T> | undefined => {
    const value = values.get(key)
    if (isFresh(value, ttlMs)) return value
    const negative = negatives.get(key)
    return isFresh(negative, negativeTtlMs) ? negative : undefined
  }

  const keep = (key: string, reading: Reading<T>) => {
    const [kept, other] = reading.value === undefined ? [negatives, values] : [values, negatives]
    const isOlder = [kept, other].some((lru) => {
      const known = lru.peek(key)
      return known !== undefined && isPast(known) && reading.readAt < known.readAt
    })
    if (isOlder) return
    kept.set(key, reading)
    other.delete(key)
  }

  const readAndKeep = async (key: string, read: () => Promise<T | undefined>): Promise<Reading<T>> => {
    const readAt = Date.now()
    const reading = { value: await read(), readAt }
    keep(key, reading)
    return reading
  }

  const readOnce = (key: string, read: () => Promise<T | undefined>): Promise<Reading<T>> => {
    const joined = inFlight.get(key)
    if (joined) return joined
    const reading = readAndKeep(key, read).finally(() => inFlight.delete(key))
    inFlight.set(key, reading)
    return reading
  }

  return async (key, read, { bypass = false } = {}) => {
    const cached = bypass ? undefined : freshReading(key)
    if (cached) return cached
    // Not performance.now(): loading its module would add a millisecond to the first request.
    const startedAt = process.hrtime.bigint()
    const reading = await (bypass ? readAndKeep(key, read) : readOnce(key, read))
    return { ...reading, readMs: Number(process.hrtime.bigint() - startedAt) / 1e6 }
  }
}

function isPast({ readAt }: Reading<unknown>): boolean {
  return readAt <= Date.now()
}
