import type { App } from './app.ts'
import { createCache } from './cache.ts'
import { createEndpoint } from './endpoint.ts'
import { AppLookupUnavailableError } from './error.ts'
import { createFinder, type Remembered } from './finder.ts'
import type { Kind } from './question.ts'
import { type LookupHints, RateLimiter } from './rate-limiter.ts'
import { createRecheck, type Recheck } from './recheck.ts'
import { createRegion } from './region.ts'
import { createRegions } from './regions.ts'
import { type AppLookupOptions, parseSettings, type Settings } from './settings.ts'
import { createSnapshot } from './snapshot.ts'
import { checkRegions, type StartupReport } from './startup.ts'
import { createLookupCounter, type LookupStats } from './stats.ts'
import { nodeTimers } from './timers.ts'
import { createToken } from './token.ts'

/** Looks soketi apps up at the endpoint, and survives its outages. Safe to call from anywhere, any number of times. */
export type AppLookup = {
  /**
   * The app with this id, or undefined when there is none. A disabled app is an app. The hints decide who goes first when
   * many unknown apps are asked for.
   * @throws AppLookupUnavailableError when it could not be known; nothing else.
   */
  findById(id: string, hints?: LookupHints): Promise<App | undefined>
  /**
   * The app with this key, or undefined when there is none. Takes whatever a stranger sent.
   * @throws AppLookupUnavailableError when it could not be known; nothing else.
   */
  findByKey(key: string, hints?: LookupHints): Promise<App | undefined>
  /**
   * Re-reads apps by id with conditional batches of at most 100, at most one request a second; so it takes about
   * a second for each hundred. An entry for each id; never rejects. Calls run one after the other.
   */
  recheck(ids: readonly string[]): Promise<Map<string, Recheck>>
  /** Asks every region for an id that can't exist. Never rejects; takes at most `attemptTimeoutMs`. */
  check(): Promise<StartupReport>
  stats(): LookupStats
  /** Writes the snapshot, ends what is under way (it rejects with `closed`), closes every connection. */
  close(): Promise<void>
}

const ATTEMPTS = 3
/** Fifty names a second, each remembered for 10 s at most. */
const MISSES_MAX = 1_000

/**
 * An `AppLookup` on the endpoint.
 * @throws SettingsError that names the option that is wrong, never its value
 */
export function createAppLookup({ clock, log, ...options }: AppLookupOptions): AppLookup {
  return createLookup(parseSettings(options, { clock, log }))
}

/**
 * An `AppLookup` on settings that are parsed already.
 * @throws SettingsError if there is no usable token, or the snapshot can't be written
 */
export function createLookup(settings: Settings): AppLookup {
  const { clock, log, attemptTimeoutMs, lookupTimeoutMs, staleIfErrorMs, negativeCacheTtlMs, snapshotFile } =
    settings
  const token = createToken(settings)
  const times = {
    confirmMs: settings.appTtlMs / 2,
    holdMs: settings.massDeletionGuardMs,
  }
  const cache = createCache<Remembered>({
    ...times,
    appTtlMs: settings.appTtlMs,
    missTtlMs: negativeCacheTtlMs,
    staleMaxMs: staleIfErrorMs,
    appsMax: settings.maxCachedApps,
    missesMax: MISSES_MAX,
  })
  const regionList = settings.urls.map((url) =>
    createRegion({
      ...settings,
      endpoint: createEndpoint(url, settings.ca),
      token,
      onRecovery: cache.forgetFailures,
    }),
  )
  const regions = createRegions(regionList, clock)
  const attempts = Math.max(ATTEMPTS, regionList.length)
  const limits = { attempts, attemptTimeoutMs, timeoutMs: lookupTimeoutMs }
  const rateLimiter = new RateLimiter({
    lookupsPerSecond: settings.unknownLookupsPerSecond,
    clock,
    timers: nodeTimers,
  })
  const find = createFinder({
    missTtlMs: negativeCacheTtlMs,
    clock,
    log,
    cache,
    regions,
    limits,
    rateLimiter,
  })
  const recheck = createRecheck({
    cache,
    regions,
    limits: { ...limits, attempts: 1 },
    times: { ...times, confirmMs: settings.revalidateIntervalMs / 2 },
    clock,
  })
  const counter = createLookupCounter(clock)
  let closed = false

  const snapshot = snapshotFile === undefined ? undefined : createSnapshot(snapshotFile, log)
  cache.load(snapshot?.load(token.current(), clock()) ?? [])
  let saved = Promise.resolve()
  const save = () => {
    const readings = cache.readings().filter(({ readAt }) => clock() - readAt <= staleIfErrorMs)
    saved = saved.then(() => snapshot?.save(token.current(), readings))
    return saved
  }
  let savedRevision = cache.revision()
  const saveChanges = () => {
    if (cache.revision() === savedRevision) return
    savedRevision = cache.revision()
    void save()
  }
  const saving = snapshot && setInterval(saveChanges, settings.snapshotIntervalMs).unref()
  // Whoever starts with the new token must be able to read it.
  if (snapshot) token.onChange(save)

  const findBy = async (kind: Kind, name: string, hints?: LookupHints): Promise<App | undefined> => {
    const { outcome, reading, error } = closed
      ? { outcome: 'unavailable' as const }
      : await find(kind, name, hints)
    counter.count(outcome, reading?.readAt)
    if (closed) throw new AppLookupUnavailableError('closed', 'the app lookup is closed')
    if (error !== undefined) throw error
    return reading?.app
  }

  return {
    findById: (id, hints) => findBy('id', id, hints),
    findByKey: (key, hints) => findBy('key', key, hints),
    recheck,
    check: () => checkRegions(regionList),
    stats() {
      const { apps, misses } = cache.sizes()
      const inUse = regions.inUse()
      return {
        lookups: { ...counter.lookups },
        knownApps: apps,
        rememberedMisses: misses,
        oldestServedMs: counter.oldestServedMs(),
        regions: regionList.map(({ origin, breaker, requests }, i) => ({
          origin,
          state: breaker.state(),
          inUse: regionList[i] === inUse,
          requests: { ...requests },
        })),
      }
    },
    async close() {
      if (closed) return
      closed = true
      clearInterval(saving)
      rateLimiter.close()
      for (const region of regionList) region.close()
      if (snapshot) await save()
    },
  }
}
