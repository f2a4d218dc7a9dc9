import type { Config } from '../config.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import type { App } from './app.ts'
import { createCache, type Reading } from './read-through-cache.ts'
import type { Read, ReadOptions } from './table.ts'

/**
 * What a lookup found, when it was read, and how long this call waited for DynamoDB (absent on a cache hit).
 * `consistent` is present if this call made a consistent read.
 */
export type Found = Reading<App> & { readonly readMs?: number; readonly consistent?: true }

/** Finds an app for a consumer. A consistent read bypasses the cache and updates it. */
export type Find = (value: string, consumer: string, options: ReadOptions) => Promise<Found>

/** Puts a cache in front of a read of the table, and counts lookups by consumer. */
export function createFinder(read: Read, config: Config, metrics: Metrics): Find {
  const cached = createCache<App>({
    ttlMs: config.appTtlMs,
    negativeTtlMs: config.negativeTtlMs,
    maxEntries: config.maxCachedApps,
    maxBytes: config.maxCachedBytes,
    bytesOf: (app) => JSON.stringify(app).length,
  })
  return async (value, consumer, options) => {
    const { consistent = false } = options
    const found = await cached(value, () => read(value, options), { bypass: consistent })
    metrics.count(consumer, found.value ? 'Found' : 'NotFound', { canWait: true })
    if (found.readMs === undefined) metrics.count(consumer, 'CacheHit', { canWait: true })
    else metrics.time(consumer, 'DynamoDBTime', found.readMs)
    return consistent ? { ...found, consistent } : found
  }
}
