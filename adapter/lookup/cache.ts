import type { CachedFailure } from './answer.ts'
import type { App } from './app.ts'
import { USED_WITHIN_MS } from './due.ts'
import type { Hint } from './feed-page.ts'
import { type Followed, followedUntil } from './followed.ts'
import { LruMap } from './lru-map.ts'
import { type DeletionTimes, MassDeletionGuard, type Verdict } from './mass-deletion-guard.ts'
import { NegativeCache } from './negative-cache.ts'
import type { By } from './request.ts'
import { AppStore, type Entry, type Reading, unfollow, validAt } from './store.ts'

/** What is known of a name. */
export type View =
  /** To be used without asking; `revalidating` after its TTL, while the queue works through what is not followed any more. */
  | { readonly state: 'fresh' | 'revalidating'; readonly entry: Entry }
  /** Known, but to be read before it is used. */
  | { readonly state: 'expired'; readonly entry: Entry }
  /** Known; the endpoint says that it is gone, and it is too early to believe that or to ask again. */
  | { readonly state: 'unconfirmed'; readonly entry: Entry }
  /** There is none. */
  | { readonly state: 'missing' }
  /** It could not be known, and it is too early to ask again. */
  | { readonly state: 'failed'; readonly failure: CachedFailure }
  | { readonly state: 'unknown' }

/** How it was read that there is no such app. */
export type NotFound = { readonly readAt: number; readonly isNearest: boolean; readonly consistent: boolean }

export type CacheOptions = DeletionTimes & {
  readonly appTtlMs: number
  readonly negativeCacheTtlMs: number
  readonly staleIfErrorMs: number
  readonly maxApps: number
  readonly maxNegatives: number
  readonly random: () => number
  readonly onEviction?: () => void
  /** Called with an app that is not as it was before, or undefined when it is gone. */
  readonly onChange?: (id: string, app: App | undefined) => void
}

/** How long answers are served after the node has stopped following, while the queue revalidates them. */
export const FALLBACK_MS = 60_000

/** What is known of apps, and whether it may be used without asking. Pure: time comes in as an argument, in ms. */
export class AppCache {
  readonly #options: CacheOptions
  readonly #store: AppStore
  readonly #negatives: NegativeCache
  readonly #guard: MassDeletionGuard
  /** How lookups of names that are no known app's failed. */
  readonly #failures: Readonly<Record<By, LruMap<string, CachedFailure>>>
  #revision = 0

  constructor(options: CacheOptions) {
    const { negativeCacheTtlMs, maxNegatives } = options
    this.#options = options
    this.#store = new AppStore(options)
    this.#negatives = new NegativeCache(negativeCacheTtlMs, maxNegatives)
    this.#guard = new MassDeletionGuard(options)
    this.#failures = {
      id: new LruMap(maxNegatives),
      key: new LruMap(maxNegatives),
    }
  }

  /** Whether what is known of a name may be used without asking, and if not, why. */
  view(by: By, name: string, now: number): View {
    const entry = this.#store.use(by, name)
    if (entry && entry.readAt >= this.#negatives.readAt(by, name)) return this.#viewEntry(by, entry, now)
    if (this.#negatives.holds(by, name, now)) return { state: 'missing' }
    if (entry) return this.#viewEntry(by, entry, now)
    const failure = this.#failures[by].peek(name)
    return failure && now < failure.until ? { state: 'failed', failure } : { state: 'unknown' }
  }

  #viewEntry(by: By, entry: Entry, now: number): View {
    const isContested = this.isContested(by, entry.app.key)
    if (!isContested && now < this.#freshUntil(entry)) return { state: 'fresh', entry }
    if (!isContested && now < revalidatingUntil(entry)) return { state: 'revalidating', entry }
    if (now < entry.unconfirmedUntil) return { state: 'unconfirmed', entry }
    const failure = entry.failures[by]
    return failure && now < failure.until ? { state: 'failed', failure } : { state: 'expired', entry }
  }

  #freshUntil({ isLoaded, readAt, followed }: Entry): number {
    return Math.max(isLoaded ? 0 : readAt + this.#options.appTtlMs, followedUntil(followed))
  }

  /** Notes that an app is looked up; returns whether that had not happened for long. */
  use(entry: Entry, now: number): boolean {
    const wasUnused = now - entry.usedAt >= USED_WITHIN_MS
    entry.usedAt = now
    return wasUnused
  }

  /** Whether an app was known to be there not too long ago to doubt that it is gone. */
  isKnown(id: string, now: number): boolean {
    const { staleIfErrorMs, appTtlMs } = this.#options
    const entry = this.#store.peek('id', id)
    return entry !== undefined && now - validAt(entry, now) <= Math.max(staleIfErrorMs, appTtlMs)
  }

  /** Whether two apps claim this key: a lookup by key has to say whose it is. */
  isContested(by: By, name: string): boolean {
    return by === 'key' && this.#store.isContested(name)
  }

  /** The app as it was last read, if it may be served while no region answers: enabled, and not too old. */
  staleIfError(by: By, name: string, now: number): Entry | undefined {
    const entry = this.#store.peek(by, name)
    if (!entry?.app.enabled) return undefined
    return now - validAt(entry, now) <= this.#options.staleIfErrorMs ? entry : undefined
  }

  /**
   * Takes a reading in, under its id and its key. Returns the newest entry of the app, or undefined if the app was
   * deleted after this reading.
   */
  found(by: By, reading: Reading, followed?: Followed): Entry | undefined {
    const { app, readAt } = reading
    if (this.#negatives.readAt('id', app.id) > readAt) return undefined
    this.#negatives.contradict('id', app.id, readAt)
    this.#negatives.contradict('key', app.key, readAt)
    this.#failures[by].delete(app[by])
    this.#guard.present(app.id, readAt)
    this.#revision += 1
    const before = this.#store.peek('id', app.id)?.app
    const entry = this.#store.put(by, reading, followed)
    if (entry.app !== before) this.#options.onChange?.(app.id, entry.app)
    return entry
  }

  /** Takes in that no app has this id. A known app, or one that has users here, is gone only once that is confirmed. */
  idNotFound(id: string, answer: NotFound, now: number, followed?: Followed, hasUsers = false): Verdict {
    const entry = this.#store.peek('id', id)
    if (entry && entry.readAt > answer.readAt) return { gone: false, retryAt: now }
    const verdict = this.#judgeAbsence(id, answer, now, hasUsers)
    if (verdict.gone) {
      if (entry) this.#revision += 1
      this.#store.remove(id)
      this.#negatives.put('id', id, answer.readAt, followed)
      if (entry || hasUsers) this.#options.onChange?.(id, undefined)
    } else if (entry) {
      unfollow(entry, now)
      entry.unconfirmedUntil = verdict.retryAt
    }
    return verdict
  }

  #judgeAbsence(id: string, answer: NotFound, now: number, hasUsers: boolean): Verdict {
    if (!hasUsers && !this.isKnown(id, now)) return { gone: true, retryAt: now }
    if (!answer.isNearest) return { gone: false, retryAt: now + this.#options.negativeCacheTtlMs }
    return this.#guard.absent(id, { ...answer, arrivedAt: now }, Math.max(this.#store.size, 1))
  }

  /** Takes in that no app has this key. A known app that had it has another one, or none, from now on. */
  keyNotFound(key: string, readAt: number, followed?: Followed): void {
    this.#negatives.put('key', key, readAt, followed)
  }

  /** Caches that it could not be known. */
  failed(by: By, name: string, failure: CachedFailure): void {
    const entry = this.#store.peek(by, name)
    if (entry) entry.failures[by] = failure
    else this.#failures[by].set(name, failure)
  }

  /** Forgets every failure: a region is back. */
  forgetFailures(): void {
    for (const entry of this.#store.entries()) entry.failures = {}
    this.#failures.id.clear()
    this.#failures.key.clear()
  }

  /** Takes in that an app may have changed: nothing that is known of it is followed any more. */
  hint({ id, keys }: Hint, now: number): void {
    const entry = this.#store.peek('id', id)
    if (entry) unfollow(entry, now)
    this.#negatives.unfollow(id, keys)
  }

  /** The app with this id as it was last read, however long ago. */
  peek(id: string): Entry | undefined {
    return this.#store.peek('id', id)
  }

  peekByKey(key: string): Entry | undefined {
    return this.#store.peek('key', key)
  }

  entries(): IterableIterator<Entry> {
    return this.#store.entries()
  }

  /** Takes in apps of an earlier run: to be served while no region answers, never as fresh. */
  load(readings: readonly Reading[]): void {
    for (const reading of readings) this.#store.load(reading)
  }

  /** Every enabled app that may be served while no region answers, with the last moment at which it was known to be so. */
  readings(now: number): Reading[] {
    const readings: Reading[] = []
    for (const entry of this.#store.entries()) {
      const readAt = validAt(entry, now)
      if (now - readAt <= this.#options.staleIfErrorMs)
        readings.push({ app: entry.app, etag: entry.etag, readAt })
    }
    return readings
  }

  /** Changes whenever a reading is taken in or an app is dropped. */
  get revision(): number {
    return this.#revision
  }

  sizes(): { readonly apps: number; readonly negatives: number } {
    const { id, key } = this.#failures
    return { apps: this.#store.size, negatives: this.#negatives.size + id.size + key.size }
  }
}

/** Within what was promised of it at the read, and for a short time after its cursor was followed. */
function revalidatingUntil({ followed }: Entry): number {
  if (!followed) return 0
  return Math.min(followed.until, followed.cursor.followingUntil + FALLBACK_MS)
}
