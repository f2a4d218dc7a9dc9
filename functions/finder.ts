import type { App } from './app.ts'
import { createCache, type Reading } from './cache.ts'
import type { Config } from './config.ts'
import type { Metrics } from './metrics.ts'
import type { Read } from './table.ts'

/** What a lookup found, when it was read, and how long this call waited for DynamoDB (absent on a cache hit). */
export type Found = Reading<App> & { readonly readMs?: number }

/** Finds an app for a consumer; `deadline` is an epoch time in ms, the configured time from now when absent. */
export type Find = (value: string, consumer: string, deadline?: number) => Promise<Found>

/** One way to find apps: a read of the table behind a cache of its own, counted for the consumer that asks. */
export function createFinder(read: Read, config: Config, metrics: Metrics): Find {
  const cached = createCache<App>({
    ttlMs: config.appTtlMs,
    missTtlMs: config.missTtlMs,
    maxEntries: config.maxCachedApps,
  })
  return async (value, consumer, deadline) => {
    const found = await cached(value, () => read(value, deadline ?? Date.now() + config.deadlineMs))
    metrics.count(consumer, found.value ? 'Found' : 'NotFound', { canWait: true })
    if (found.readMs === undefined) metrics.count(consumer, 'CacheHit', { canWait: true })
    else metrics.time(consumer, 'DynamoDBTime', found.readMs)
    return found
  }
}
