import QuickLRU from 'quick-lru'

/** What was read, and when: `readAt` is the epoch time in ms at which the read began, so an age is never too low. */
export type Reading<T> = { readonly value: T | undefined; readonly readAt: number }

export type CacheOptions = {
  /** How long a value may be answered again, counted from its read; 0 turns that off. */
  readonly ttlMs: number
  /** The same for the knowledge that there is none. */
  readonly missTtlMs: number
  readonly maxEntries: number
}

/** A read-through cache; `readMs` is there when this call waited for a read. */
export type Cache<T> = (
  key: string,
  read: () => Promise<T | undefined>,
) => Promise<Reading<T> & { readonly readMs?: number }>

/**
 * A bounded cache of what a read found, for one kind of key.
 *
 * Values and misses live apart, so that asking for many keys that don't exist pushes no value out. One read at a
 * time is under way for a key. Errors are never kept.
 */
export function createCache<T>({ ttlMs, missTtlMs, maxEntries }: CacheOptions): Cache<T> {
  const values = new QuickLRU<string, Reading<T>>({ maxSize: maxEntries })
  const misses = new QuickLRU<string, Reading<T>>({ maxSize: maxEntries })
  const underWay = new Map<string, Promise<Reading<T>>>()
  // The wall clock, because a monotonic one may stand still while Lambda freezes the function between requests.
  const isFresh = (reading: Reading<T> | undefined, ttl: number): reading is Reading<T> =>
    reading !== undefined && Date.now() - reading.readAt < ttl

  const readOnce = async (key: string, read: () => Promise<T | undefined>): Promise<Reading<T>> => {
    const readAt = Date.now()
    const reading = { value: await read(), readAt }
    const [kept, other] = reading.value === undefined ? [misses, values] : [values, misses]
    kept.set(key, reading)
    other.delete(key)
    return reading
  }

  return async (key, read) => {
    const value = values.get(key)
    if (isFresh(value, ttlMs)) return value
    const miss = misses.get(key)
    if (isFresh(miss, missTtlMs)) return miss

    // Not performance.now(), whose module takes a first request a millisecond to load.
    const startedAt = process.hrtime.bigint()
    let reading = underWay.get(key)
    if (reading === undefined) {
      reading = readOnce(key, read).finally(() => underWay.delete(key))
      underWay.set(key, reading)
    }
    return { ...(await reading), readMs: Number(process.hrtime.bigint() - startedAt) / 1e6 }
  }
}
