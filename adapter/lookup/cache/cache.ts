import type { App } from '../app.ts'
import type { By } from '../endpoint/request.ts'
import type { CachedFailure } from '../endpoint/response.ts'
import { type Followed, followedUntil } from '../feed/cursor.ts'
import type { Hint } from '../feed/page.ts'
import { LruMap } from '../lru-map.ts'
import { type DeletionTimes, MassDeletionGuard, type Verdict } from './mass-deletion-guard.ts'
import { NegativeCache } from './negative-cache.ts'
import { AppStore, type Entry, type Reading, USED_WITHIN_MS, unfollow, validAt } from './store.ts'

/** What is known of a name. */
export type View =
  /** May be used without a request. `revalidating`: its TTL is over, and the queue will soon revalidate it. */
  | { readonly state: 'fresh' | 'revalidating'; readonly entry: Entry }
  /** Known, but must be read before it is used. */
  | { readonly state: 'expired'; readonly entry: Entry }
  /** Known; the endpoint says that it was deleted. This is not confirmed, and it is too early for another request. */
  | { readonly state: 'unconfirmed'; readonly entry: Entry }
  /** There is no such app. */
  | { readonly state: 'missing' }
  /** The last lookup failed, and it is too early for another request. */
  | { readonly state: 'failed'; readonly failure: CachedFailure }
  | { readonly state: 'unknown' }

/** How the absence of an app was read. */
export type NotFound = { readonly readAt: number; readonly isNearest: boolean; readonly consistent: boolean }

export type CacheOptions = DeletionTimes & {
  readonly appTtlMs: number
  readonly negativeCacheTtlMs: number
  readonly staleIfErrorMs: number
  readonly maxApps: number
  readonly maxNegatives: number
  readonly random: () => number
  readonly onEviction?: () => void
  /** Called with an app that changed, or with undefined if it was deleted. */
  readonly onChange?: (id: string, app: App | undefined) => void
}

/** How long answers are served after the node has stopped following, while the queue revalidates them. */
export const FALLBACK_MS = 60_000

/** What is known of apps, and whether it may be used without a request. Pure: the time is an argument, in ms. */
export class AppCache {
  readonly #options: CacheOptions
  readonly #store: AppStore
  readonly #negatives: NegativeCache
  readonly #guard: MassDeletionGuard
  /** Failed lookups of names that belong to no known app. */
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

  /** Whether what is known of a name may be used without a request, and if not, why. */
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

  /** Records a lookup of an app. Returns whether the one before was long ago. */
  use(entry: Entry, now: number): boolean {
    const wasUnused = now - entry.usedAt >= USED_WITHIN_MS
    entry.usedAt = now
    return wasUnused
  }

  /** Whether an app was known to exist so recently that its deletion must be confirmed. */
  isKnown(id: string, now: number): boolean {
    const { staleIfErrorMs, appTtlMs } = this.#options
    const entry = this.#store.peek('id', id)
    return entry !== undefined && now - validAt(entry, now) <= Math.max(staleIfErrorMs, appTtlMs)
  }

  /** Whether two apps have this key: only a lookup by key can tell which of them it finds. */
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
   * Stores an app that was read. Returns the newest entry of the app, or undefined if the app was deleted after this
   * read.
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

  /** Stores that no app has this id. The deletion of a known app, or of one that has users, must be confirmed. */
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

  /** Stores that no app has this key. A known app that had it has another key, or was deleted. */
  keyNotFound(key: string, readAt: number, followed?: Followed): void {
    this.#negatives.put('key', key, readAt, followed)
  }

  /** Stores that a lookup failed. */
  failed(by: By, name: string, failure: CachedFailure): void {
    const entry = this.#store.peek(by, name)
    if (entry) entry.failures[by] = failure
    else this.#failures[by].set(name, failure)
  }

  /** Removes every stored failure, because a region is back. */
  forgetFailures(): void {
    for (const entry of this.#store.entries()) entry.failures = {}
    this.#failures.id.clear()
    this.#failures.key.clear()
  }

  /** An app may have changed: its answers are no longer followed. */
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

  /** Stores apps of a snapshot: they are served while no region answers, but are never fresh. */
  load(readings: readonly Reading[]): void {
    for (const reading of readings) this.#store.load(reading)
  }

  /** Every enabled app that may be served while no region answers, and when it was last known to be current. */
  readings(now: number): Reading[] {
    const readings: Reading[] = []
    for (const entry of this.#store.entries()) {
      const readAt = validAt(entry, now)
      if (now - readAt <= this.#options.staleIfErrorMs)
        readings.push({ app: entry.app, etag: entry.etag, readAt })
    }
    return readings
  }

  /** Changes whenever an app is stored or removed. */
  get revision(): number {
    return this.#revision
  }

  sizes(): { readonly apps: number; readonly negatives: number } {
    const { id, key } = this.#failures
    return { apps: this.#store.size, negatives: this.#negatives.size + id.size + key.size }
  }
}

/** Within the time for which it was followed, and shortly after following ended. */
function revalidatingUntil({ followed }: Entry): number {
  if (!followed) return 0
  return Math.min(followed.until, followed.cursor.followingUntil + FALLBACK_MS)
}
