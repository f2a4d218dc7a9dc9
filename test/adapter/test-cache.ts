import { type CacheOptions, createCache as createAppCache } from '../../adapter/lookup/cache/cache.ts'
import type { Reading } from '../../adapter/lookup/cache/record.ts'
import type { Region } from '../../adapter/lookup/endpoint/region.ts'
import type { Cursor } from '../../adapter/lookup/feed/cursor.ts'
import { appWith } from './endpoint-double.ts'

export const TIMES = {
  appTtlMs: 30_000,
  negativeCacheTtlMs: 5_000,
  staleIfErrorMs: 3_600_000,
  confirmMs: 15_000,
  confirmConsistentMs: 5_000,
  guardMs: 300_000,
}

/** A cache of 100 apps and 100 names without an app. */
export const createCache = (options: Partial<CacheOptions> = {}) =>
  createAppCache({ ...TIMES, maxApps: 100, maxNames: 100, ...options })

/** A read of an app at this time. */
export const reading = (readAt: number, fields = {}, etag?: string): Reading => {
  const app = appWith(fields)
  return etag === undefined ? { app, readAt } : { app, etag, readAt }
}

/** A read of the nearest region. */
export const near = (readAt: number) => ({ readAt, isNearest: true, consistent: false })

/** A cursor that is followed until this time. */
export const cursorUntil = (followingUntil: number): Cursor => ({
  region: {} as unknown as Region,
  startedAt: 0,
  startedFrom: '',
  jitter: 0,
  position: '',
  followingUntil,
  apps: 0,
})

export const followed = (followingUntil: number, until = 900_000) => ({
  cursor: cursorUntil(followingUntil),
  until,
})

/** A failed lookup, remembered until this time. */
export const failureUntil = (until: number, failedAt = 0) => ({
  failure: { outcome: 'failed' as const, reason: 'why' },
  failedAt,
  until,
})
