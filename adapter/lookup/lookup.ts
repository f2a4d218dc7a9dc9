import type { App } from './app.ts'
import { createCache } from './cache/cache.ts'
import { keepSnapshot } from './cache/keep-snapshot.ts'
import { createRegion } from './endpoint/region.ts'
import { createRegions } from './endpoint/regions.ts'
import type { By } from './endpoint/request.ts'
import { checkRegions, type StartupReport } from './endpoint/startup.ts'
import { createToken } from './endpoint/token.ts'
import { createFeed, type Feed } from './feed/feed.ts'
import { describeFeed } from './feed/feed-log.ts'
import { createFinder } from './finder.ts'
import { createRareLog } from './log.ts'
import { createRateLimiter, type LookupHints } from './rate-limiter.ts'
import { createQueue, type RevalidationQueue } from './refresh/queue.ts'
import { createReread } from './reread.ts'
import { AppLookupUnavailableError, type Result } from './result.ts'
import { OPTIONS } from './settings/options.ts'
import { type AppLookupOptions, parseSettings, type Settings } from './settings/settings.ts'
import { assertKnownNames } from './settings-error.ts'
import { createLookupCounter, type LookupStats } from './stats.ts'

/** Looks up soketi apps at the endpoint, with a cache, retries and regions. Concurrent calls share requests. */
export type AppLookup = {
  /**
   * The app with this id, or undefined if it does not exist. A disabled app is returned. The hints decide which unknown
   * apps are looked up first if there are many.
   * @throws AppLookupUnavailableError if the lookup failed; nothing else.
   */
  findById(id: string, hints?: LookupHints): Promise<App | undefined>
  /**
   * The app with this key, or undefined if it does not exist. The key can be any value that a client sent.
   * @throws AppLookupUnavailableError if the lookup failed; nothing else.
   */
  findByKey(key: string, hints?: LookupHints): Promise<App | undefined>
  /**
   * The apps with these keys, undefined for a key that no app has. A key whose lookup failed is absent. Unknown keys are
   * read in batches of 100, to which the rate limit does not apply.
   */
  findByKeys(keys: readonly string[]): Promise<ReadonlyMap<string, App | undefined>>
  /**
   * Resolves to whether a region answers: at once if one does, else as soon as one does, at most after `maxMs`. While a
   * caller waits, each region is probed at least every 0.5 s.
   */
  whenAnswering(maxMs: number): Promise<boolean>
  /**
   * Records whether this node has open sockets of an app. Such a live app is kept current without lookups. Repeating it
   * changes nothing.
   */
  setLive(id: string, isLive: boolean): void
  /** Calls back when a cached app has changed, or with undefined when it was deleted. Replaces the callback before. */
  onChange(callback: (id: string, app: App | undefined) => void): void
  /** The cached app with this id; sends no request. */
  peek(id: string): App | undefined
  /**
   * The previous secret of a cached app, while it is accepted beside the current one: not beyond its time, by the system
   * time or by a clock that is never set back. Ask for it at each use.
   */
  previousSecret(id: string): string | undefined
  /**
   * Reads a cached app again, and returns it: for a signature that no known secret made. At most once a second for each
   * app, and at most `unknownLookupsPerSecond` apps a second.
   * @throws AppLookupUnavailableError if it could not be read; nothing else. `peek` returns what is cached then.
   */
  reread(id: string, hints?: LookupHints): Promise<App | undefined>
  /** Probes every region. Never rejects; takes at most twice `attemptTimeoutMs`. */
  check(): Promise<StartupReport>
  stats(): LookupStats
  /** Writes the snapshot, rejects lookups in flight with `closed`, and closes every connection. */
  close(): Promise<void>
}

const ATTEMPTS = 3
/** How long unknown names are kept at least, at the highest rate: a fail-over region must repeat that one is missing. */
const NAMES_KEPT_S = 60
/** The time between two consistent reads that confirm a deletion; a tool may delete an app and create it again. */
const CONFIRM_CONSISTENT_MS = 5_000

/**
 * An `AppLookup` on the endpoint.
 * @throws SettingsError that names the option that is wrong, never its value
 */
export function createAppLookup({ clock, log, ports, ...options }: AppLookupOptions): AppLookup {
  assertKnownNames(Object.keys(options), Object.keys(OPTIONS))
  return createLookup(parseSettings(options, { clock, log, ports }))
}

/**
 * An `AppLookup` with parsed settings.
 * @throws SettingsError if there is no usable token, or the snapshot can't be written
 */
export function createLookup(given: Settings): AppLookup {
  const settings = { ...given, ...given.ports }
  const { appTtlMs, clock, wallClock, log, snapshotFile, unknownLookupsPerSecond } = settings
  const rareLog = createRareLog(log, clock)
  const token = createToken({ ...settings, rareLog })
  let callback: (id: string, app: App | undefined) => void = () => {}
  let closed = false

  const cache = createCache({
    ...settings,
    maxApps: settings.maxCachedApps,
    maxNames: unknownLookupsPerSecond * NAMES_KEPT_S,
    confirmMs: appTtlMs / 2,
    confirmConsistentMs: CONFIRM_CONSISTENT_MS,
    guardMs: settings.massDeletionGuardMs,
    onUpdate: (record) => queue.update(record),
    onRemoval: (record) => queue.remove(record),
    onChange: (id, app) => {
      try {
        callback(id, app)
      } catch (error) {
        rareLog.writeDefect('a change of an app could not be reported', error)
      }
    },
  })
  const onChange = (answers: boolean) => {
    if (answers) {
      cache.forgetFailures(clock())
      queue.recover()
    }
    feed.wake()
  }
  const regions = createRegions(
    settings.urls.map((url) => {
      const endpoint = settings.createEndpoint(url, settings.ca)
      return createRegion({ ...settings, endpoint, token, onChange })
    }),
    settings,
  )
  const feed: Feed = createFeed({
    ...settings,
    regions,
    rareLog,
    knownApps: () => cache.sizes.apps,
    onHint: (hint) => {
      const record = cache.hint(hint, clock())
      if (record) queue.hint(record)
      return record !== undefined
    },
    onChange: () => queue.updateAll(),
  })
  const limits = {
    attempts: Math.max(ATTEMPTS, regions.all.length),
    timeoutMs: settings.lookupTimeoutMs,
  }
  const queue: RevalidationQueue = createQueue({
    ...settings,
    cache,
    regions,
    feed,
    limits: { ...limits, attempts: 1 },
    log: rareLog,
  })
  const createLimiter = () => createRateLimiter({ ...settings, lookupsPerSecond: unknownLookupsPerSecond })
  const rateLimiter = createLimiter()
  // Backends that sign with an old secret for good must not use up the lookups of unknown apps.
  const rereadLimiter = createLimiter()
  const { find, readKeys } = createFinder({
    ...settings,
    cache,
    regions,
    feed,
    queue,
    limits,
    rateLimiter,
    log: rareLog,
  })
  const reread = createReread({ ...settings, cache, regions, queue, rateLimiter: rereadLimiter })
  const counter = createLookupCounter(clock)
  const saveSnapshot =
    snapshotFile === undefined
      ? undefined
      : keepSnapshot({ ...settings, snapshot: settings.createSnapshot(snapshotFile, log), cache, token })

  const peek = (id: string) => cache.peek('id', id)?.app
  const findBy = async (by: By, name: string, hints?: LookupHints): Promise<App | undefined> => {
    feed.start()
    const { outcome, app, validAt, error } = closed ? CLOSED : await find(by, name, hints)
    counter.count(outcome, validAt)
    if (closed) throw closedError()
    if (error) throw error
    return app
  }

  return {
    findById: (id, hints) => findBy('id', id, hints),
    findByKey: (key, hints) => findBy('key', key, hints),

    async findByKeys(keys) {
      readKeys(keys)
      const apps = new Map<string, App | undefined>()
      await Promise.allSettled(keys.map(async (key) => apps.set(key, await findBy('key', key))))
      return apps
    },

    async whenAnswering(maxMs) {
      const endsAt = clock() + maxMs
      while (!closed && clock() < endsAt) {
        for (const { breaker } of regions.all) breaker.probeSoon()
        if (await regions.whenInUse(endsAt - clock())) return true
      }
      return false
    },

    setLive(id, isLive) {
      feed.start()
      cache.setLive(id, isLive)
    },

    onChange(given) {
      feed.start()
      callback = given
    },

    peek,
    previousSecret: (id) => cache.previousSecret(id, clock(), wallClock()),

    async reread(id, hints) {
      const error = closed ? closedError() : await reread(id, hints)
      if (error) throw error
      return peek(id)
    },

    async check() {
      const report = await checkRegions(regions.all)
      if (report.status !== 'ready') return report
      const state = await feed.check()
      const { reason } = feed.details()
      return { ...report, summary: `${report.summary}; ${describeFeed(state, { reason, appTtlMs })}` }
    },

    stats() {
      const { apps, names } = cache.sizes
      const inUse = regions.inUse()
      const { heartbeatAgeMs } = feed.details()
      return {
        lookups: { ...counter.lookups },
        knownApps: apps,
        negativeResults: names,
        oldestServedMs: counter.oldestServedMs(),
        revalidation: {
          feed: feed.state(),
          ...(heartbeatAgeMs !== undefined && { heartbeatAgeMs }),
          hints: feed.hints,
          followedApps: feed.followed()?.apps ?? 0,
          queueLength: queue.length,
          outcomes: { ...queue.outcomes },
        },
        regions: regions.all.map((region) => ({
          origin: region.origin,
          state: region.breaker.state(),
          inUse: region === inUse,
          requests: region.requests,
        })),
      }
    },

    async close() {
      if (closed) return
      closed = true
      rateLimiter.close()
      rereadLimiter.close()
      feed.close()
      queue.close()
      for (const region of regions.all) region.close()
      await saveSnapshot?.()
    },
  }
}

const CLOSED: Result = { outcome: 'unavailable' }

const closedError = () => new AppLookupUnavailableError('closed', 'the app lookup is closed')
