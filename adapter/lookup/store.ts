import type { CachedFailure } from './answer.ts'
import { type App, isSameApp } from './app.ts'
import { type Followed, followedUntil } from './followed.ts'
import { LruMap } from './lru-map.ts'
import type { By } from './request.ts'
import { LONG_AGO } from './timers.ts'

/** An app as it was when DynamoDB was read. */
export type Reading = { readonly app: App; readonly etag?: string | undefined; readonly readAt: number }

/** What is kept of an app; one object for as long as the app is kept. */
export type Entry = {
  /** The same object as long as nothing in it changed, so that callers can tell by identity. */
  app: App
  etag: string | undefined
  readAt: number
  /** Absent once a hint has named the app. */
  followed: Followed | undefined
  /** The last moment at which it was followed, if a hint ended that. */
  followedBefore: number
  /** From an earlier run: served while no region answers, never as fresh. */
  isLoaded: boolean
  usedAt: number
  /** The endpoint says that it is gone, which is not confirmed; not to be asked for again before. */
  unconfirmedUntil: number
  /** How the last lookup failed, by id and by key. */
  failures: Partial<Record<By, CachedFailure>>
  /** A number from 0 to 1 of its own, by which entries that were read together are revalidated apart. */
  readonly jitter: number
}

export type StoreOptions = {
  readonly maxApps: number
  readonly random: () => number
  /** Called with an app that was pushed out by others. */
  readonly onEviction?: () => void
}

/**
 * Apps by their ids, with an index of their keys. The least recently used are evicted, and each takes its key along.
 * A newer reading is never replaced by an older one.
 */
export class AppStore {
  readonly #apps: LruMap<string, Entry>
  readonly #idOfKey = new Map<string, string>()
  /** Keys that two apps here claim: a lookup by key has to say whose it is. */
  readonly #contested = new Set<string>()
  readonly #random: () => number

  constructor({ maxApps, random, onEviction }: StoreOptions) {
    this.#random = random
    this.#apps = new LruMap(maxApps, (id, { app }) => {
      this.#releaseKey(app.key, id)
      onEviction?.()
    })
  }

  get size(): number {
    return this.#apps.size
  }

  /** The entry under this name, which counts as used recently. */
  use(by: By, name: string): Entry | undefined {
    const id = this.#idOf(by, name)
    return id === undefined ? undefined : this.#apps.use(id)
  }

  peek(by: By, name: string): Entry | undefined {
    const id = this.#idOf(by, name)
    return id === undefined ? undefined : this.#apps.peek(id)
  }

  entries(): IterableIterator<Entry> {
    return this.#apps.values()
  }

  isContested(key: string): boolean {
    return this.#contested.has(key)
  }

  /**
   * Takes a reading in, unless there is a newer one of this app.
   * @param by what the read was by: only one by key sees whether another app has the same key
   */
  put(by: By, { app, etag, readAt }: Reading, followed?: Followed): Entry {
    const entry = this.#apps.peek(app.id) ?? this.#add(app, readAt)
    if (entry.readAt > readAt) return entry
    if (entry.app.key !== app.key) this.#releaseKey(entry.app.key, app.id)
    if (!isSameApp(entry.app, app)) entry.app = app
    entry.etag = etag
    entry.readAt = readAt
    entry.followed = followed
    entry.isLoaded = false
    entry.unconfirmedUntil = LONG_AGO
    delete entry.failures[by]
    this.#claimKey(entry, by)
    return entry
  }

  /** Takes in an app of an earlier run. */
  load({ app, etag, readAt }: Reading): void {
    const entry = this.#add(app, readAt)
    entry.etag = etag
    entry.isLoaded = true
    this.#claimKey(entry, 'key')
  }

  remove(id: string): void {
    const entry = this.#apps.peek(id)
    if (!entry) return
    this.#apps.delete(id)
    this.#releaseKey(entry.app.key, id)
  }

  #idOf(by: By, name: string): string | undefined {
    return by === 'id' ? name : this.#idOfKey.get(name)
  }

  #add(app: App, readAt: number): Entry {
    const entry: Entry = {
      app,
      etag: undefined,
      readAt,
      followed: undefined,
      followedBefore: LONG_AGO,
      isLoaded: false,
      usedAt: LONG_AGO,
      unconfirmedUntil: LONG_AGO,
      failures: {},
      jitter: this.#random(),
    }
    this.#apps.set(app.id, entry)
    return entry
  }

  #claimKey({ app: { id, key }, readAt }: Entry, by: By): void {
    const holder = this.peek('key', key)
    const isFree = !holder || holder.app.id === id
    if (isFree || (by === 'key' && holder.readAt <= readAt)) {
      this.#idOfKey.set(key, id)
      if (by === 'key') this.#contested.delete(key)
    } else this.#contested.add(key)
  }

  #releaseKey(key: string, id: string): void {
    if (this.#idOfKey.get(key) !== id) return
    this.#idOfKey.delete(key)
    this.#contested.delete(key)
  }
}

/** The last moment at which the app is known to have been so. */
export function validAt(entry: Entry, now: number): number {
  return Math.max(entry.readAt, entry.followedBefore, Math.min(now, followedUntil(entry.followed)))
}

/** A hint has named the app: it is not followed any more. */
export function unfollow(entry: Entry, now: number): void {
  entry.followedBefore = validAt(entry, now)
  entry.followed = undefined
}
