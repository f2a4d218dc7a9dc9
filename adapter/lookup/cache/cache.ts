import { isDeepStrictEqual } from 'node:util'
import type { App } from '../app.ts'
import type { By } from '../endpoint/request.ts'
import { type Followed, followedUntil } from '../feed/cursor.ts'
import type { Hint } from '../feed/page.ts'
import { createLruMap } from '../lru-map.ts'
import { LONG_AGO } from '../timers.ts'
import { createDeletions, type DeletionTimes, type Verdict } from './deletions.ts'
import { createNames, type FailoverAbsence } from './names.ts'
import { createPreviousSecrets } from './previous-secrets.ts'
import {
  type AppRecord,
  type CachedFailure,
  createRecord,
  follow,
  type Reading,
  taskOf,
  unfollow,
  validAt,
} from './record.ts'

/** What is known of a name. */
export type View =
  /** May be used without a request. `revalidating`: its TTL is over, and the queue will soon revalidate it. */
  | { readonly state: 'fresh' | 'revalidating'; readonly record: KnownApp }
  /** Known, but must be read before it is used. */
  | { readonly state: 'expired'; readonly record: KnownApp }
  /** Known; the endpoint says that it was deleted. This is not confirmed, and it is too early for another request. */
  | { readonly state: 'unconfirmed'; readonly record: KnownApp }
  /** There is no such app. */
  | { readonly state: 'missing' }
  /** The last lookup failed, and it is too early for another request. */
  | { readonly state: 'failed'; readonly failure: CachedFailure }
  | { readonly state: 'unknown' }

/** The record of an app that was read. */
export type KnownApp = AppRecord & { app: App }

/** How the absence of an app was read. */
export type NotFound = { readonly readAt: number; readonly isNearest: boolean; readonly consistent: boolean }

export type CacheOptions = DeletionTimes & {
  readonly appTtlMs: number
  readonly negativeCacheTtlMs: number
  readonly staleIfErrorMs: number
  readonly maxApps: number
  readonly maxNames: number
  /** Called with an app that changed, or with undefined if it was deleted. */
  readonly onChange?: (id: string, app: App | undefined) => void
  /** Called when a record must be read at another time. */
  readonly onUpdate?: (record: AppRecord) => void
  /** Called with a record that is not known any more. */
  readonly onRemoval?: (record: AppRecord) => void
}

/** How long apps are served after the node has stopped following, while the queue revalidates them. */
export const FALLBACK_MS = 60_000
/** An app that was looked up, or followed, within this time is kept fresh while it is not followed. */
export const USED_WITHIN_MS = 900_000

/** What is known of apps, and whether it may be used without a request. Pure: the time is an argument, in ms. */
export type AppCache = {
  /** Whether what is known of a name may be used without a request, and if not, why. */
  view(by: By, name: string, now: number): View
  /** Records a lookup of an app. */
  use(record: AppRecord, now: number): void
  /** Whether an app was known to exist so recently that its deletion must be confirmed. */
  isKnown(id: string, now: number): boolean
  /** Whether two apps have this key: only a lookup by key can tell which of them it finds. */
  isContested(by: By, name: string): boolean
  /** The app as it was last read, if it may be served while no region answers: enabled, and not too old. */
  staleIfError(by: By, name: string, now: number): KnownApp | undefined
  /**
   * Stores an app that was read. Returns the newest record of the app, or undefined if the app was deleted after this
   * read.
   */
  found(by: By, reading: Reading, followed?: Followed, isNearest?: boolean): KnownApp | undefined
  /** Stores that no app has this id. The deletion of an app that is known, or has open sockets, must be confirmed. */
  idNotFound(id: string, read: NotFound, now: number, followed?: Followed): Verdict
  /** Stores that no app has this key. A known app that had it has another key, or was deleted. */
  keyNotFound(key: string, readAt: number, followed?: Followed): void
  /** Whether a region that is not the nearest has repeated for long enough that there is no app with this name. */
  confirmsAbsence(by: By, name: string, absence: FailoverAbsence): boolean
  /** Stores that a lookup failed. */
  failed(by: By, name: string, failure: CachedFailure): void
  /** Forgets every failure, because a region is back. */
  forgetFailures(now: number): void
  /** An app may have changed: what is known of it is no longer followed. Returns its record, if it is known. */
  hint(hint: Hint, now: number): AppRecord | undefined
  /** Records whether this node has open sockets of an app. Such an app is not evicted. */
  setLive(id: string, isLive: boolean): void
  /** The record of the app with this id or key. */
  peek(by: By, name: string): AppRecord | undefined
  /** The previous secret of a known app, unless it is over. */
  previousSecret(id: string, now: number, wallNow: number): string | undefined
  records(): IterableIterator<AppRecord>
  /** Stores apps of a snapshot: they are served while no region answers, but are never fresh. */
  load(readings: readonly Reading[]): void
  /** Every app that may be served while no region answers, and when it was last known to be current. */
  readings(now: number): Reading[]
  /** Changes whenever an app is stored or removed. */
  readonly revision: number
  readonly sizes: { readonly apps: number; readonly names: number }
}

export function createCache(options: CacheOptions): AppCache {
  const { appTtlMs, staleIfErrorMs, negativeCacheTtlMs, onChange, onUpdate, onRemoval } = options
  const byKey = new Map<string, AppRecord>()
  const names = createNames(negativeCacheTtlMs, options.maxNames)
  const deletions = createDeletions(options)
  const previousSecrets = createPreviousSecrets(options.maxApps)
  const byId = createLruMap<string, AppRecord>(options.maxApps, (record) => {
    if (record.isLive) return true
    release(record)
    return false
  })
  let revision = 0
  let recoveredAt = LONG_AGO

  /** The record was removed, and its key with it. */
  const release = (record: AppRecord) => {
    releaseKey(record)
    follow(record, undefined)
    onRemoval?.(record)
  }
  const releaseKey = (record: AppRecord) => {
    const { app, task } = record
    if (app && byKey.get(app.key) === record) byKey.delete(app.key)
    if (task) task.isContested = false
  }
  /** @param by how the app was read: only a read by key finds out whether another app has the same key */
  const claimKey = (record: KnownApp, by: By) => {
    const { key } = record.app
    const holder = byKey.get(key)
    const isNewer = by === 'key' && (!holder || holder.readAt <= record.readAt)
    if (holder && holder !== record && !isNewer) {
      taskOf(holder).isContested = true
      return
    }
    if (holder?.task && isNewer) holder.task.isContested = false
    byKey.set(key, record)
  }

  const peek = (by: By, name: string) => (by === 'id' ? byId.peek(name) : byKey.get(name))
  const peekApp = (by: By, name: string) => {
    const record = peek(by, name)
    return record && isKnownApp(record) ? record : undefined
  }
  const recordOf = (id: string): AppRecord => {
    const known = byId.peek(id)
    if (known) return known
    const record = createRecord(id)
    byId.set(id, record)
    return record
  }

  const store = (by: By, reading: Reading, followed: Followed | undefined): KnownApp => {
    const { app, etag, readAt, graceMs } = reading
    previousSecrets.read(app, readAt, graceMs)
    const record = recordOf(app.id)
    const hadKey = record.app?.key === app.key
    if (isKnownApp(record)) {
      if (record.readAt > readAt) return record
      if (!hadKey) releaseKey(record)
    }
    if (!isDeepStrictEqual(record.app, app)) record.app = app
    record.etag = etag
    record.readAt = readAt
    follow(record, followed)
    const { task } = record
    if (task) {
      if (task.isUnconfirmed) task.notBefore = LONG_AGO
      task.isUnconfirmed = false
      task.isLoaded = false
    }
    const known = record as KnownApp // its app was just set
    if (!hadKey || by === 'key') claimKey(known, by)
    return known
  }

  const viewRecord = (by: By, name: string, record: KnownApp, now: number): View => {
    const { readAt, followed, task } = record
    if (by === 'id' || !task?.isContested) {
      if (!task?.isLoaded && now < readAt + appTtlMs) return { state: 'fresh', record }
      if (now < followedUntil(followed)) return { state: 'fresh', record }
      // Within the time for which it was followed, and shortly after following ended.
      if (followed && now < Math.min(followed.until, followed.cursor.followingUntil + FALLBACK_MS))
        return { state: 'revalidating', record }
    }
    if (task?.isUnconfirmed && now < task.notBefore) return { state: 'unconfirmed', record }
    return viewFailure(by, name, now) ?? { state: 'expired', record }
  }
  const viewFailure = (by: By, name: string, now: number): View | undefined => {
    const failure = names.failure(by, name)
    return failure && now < failure.until && failure.failedAt > recoveredAt
      ? { state: 'failed', failure }
      : undefined
  }

  const isKnown = (record: AppRecord | undefined, now: number) =>
    record?.app !== undefined && now - validAt(record, now) <= Math.max(staleIfErrorMs, appTtlMs)

  return {
    view(by, name, now) {
      const record = peekApp(by, name)
      if (record) byId.use(record.id)
      if (record && record.readAt >= names.readAt(by, name)) return viewRecord(by, name, record, now)
      if (names.isMissing(by, name, now)) return { state: 'missing' }
      if (record) return viewRecord(by, name, record, now)
      return viewFailure(by, name, now) ?? { state: 'unknown' }
    },

    use(record, now) {
      const wasUnused = now - 1000 * record.usedAtS >= USED_WITHIN_MS
      record.usedAtS = Math.floor(now / 1000)
      if (wasUnused) onUpdate?.(record)
    },

    isKnown: (id, now) => isKnown(byId.peek(id), now),
    isContested: (by, name) => by === 'key' && byKey.get(name)?.task?.isContested === true,

    staleIfError(by, name, now) {
      const record = peekApp(by, name)
      if (!record?.app.enabled) return undefined
      return now - validAt(record, now) <= staleIfErrorMs ? record : undefined
    },

    found(by, reading, followed, isNearest = true) {
      const { app, readAt } = reading
      if (names.readAt('id', app.id) > readAt) return undefined
      names.found('id', app.id, readAt)
      names.found('key', app.key, readAt)
      revision += 1
      const before = byId.peek(app.id)?.app
      const record = store(by, reading, followed)
      deletions.present(record, readAt, isNearest)
      if (record.app !== before) onChange?.(app.id, record.app)
      onUpdate?.(record)
      return record
    },

    idNotFound(id, read, now, followed) {
      const record = byId.peek(id)
      if (record?.app && record.readAt > read.readAt) return { gone: false, retryAt: now }
      const mustConfirm = record && (record.isLive || isKnown(record, now))
      const verdict: Verdict = !mustConfirm
        ? { gone: true, retryAt: now }
        : read.isNearest
          ? deletions.absent(record, { ...read, arrivedAt: now }, byId.size)
          : { gone: false, retryAt: now + negativeCacheTtlMs }
      if (verdict.gone) {
        names.missing('id', id, read.readAt, followed)
        if (record) {
          revision += 1
          byId.delete(id)
          release(record)
          onChange?.(id, undefined)
        }
      } else if (record) {
        unfollow(record, now)
        const task = taskOf(record)
        task.isUnconfirmed = true
        task.notBefore = verdict.retryAt
      }
      return verdict
    },

    keyNotFound: (key, readAt, followed) => names.missing('key', key, readAt, followed),
    confirmsAbsence: names.confirmsAbsence,

    failed: names.failed,

    forgetFailures(now) {
      recoveredAt = now
    },

    hint({ id, keys }, now) {
      const record = byId.peek(id)
      if (record) unfollow(record, now)
      names.unfollow(id, keys)
      return record
    },

    setLive(id, isLive) {
      const record = isLive ? recordOf(id) : byId.peek(id)
      if (!record || record.isLive === isLive) return
      record.isLive = isLive
      if (isLive || record.app) onUpdate?.(record)
      else {
        byId.delete(id)
        release(record)
      }
    },

    peek,

    previousSecret(id, now, wallNow) {
      const app = byId.peek(id)?.app
      return app && previousSecrets.of(app, now, wallNow)
    },

    records: () => byId.values(),

    load(readings) {
      for (const reading of readings) {
        const record = store('key', reading, undefined)
        taskOf(record).isLoaded = true
        onUpdate?.(record)
      }
    },

    readings(now) {
      const readings: Reading[] = []
      for (const record of byId.values()) {
        const readAt = validAt(record, now)
        const { app, etag } = record
        if (!app || now - readAt > staleIfErrorMs) continue
        const graceMs = app.previousSecret === undefined ? undefined : previousSecrets.endOf(app) - readAt
        readings.push({ app, etag, readAt, graceMs })
      }
      return readings
    },

    get revision() {
      return revision
    },
    get sizes() {
      return { apps: byId.size, names: names.size }
    },
  }
}

/** Whether the app was read. */
export const isKnownApp = (record: AppRecord): record is KnownApp => record.app !== undefined
