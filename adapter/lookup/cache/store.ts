import { type App, isSameApp } from '../app.ts'
import type { By } from '../endpoint/request.ts'
import type { CachedFailure } from '../endpoint/response.ts'
import { type Followed, followedUntil } from '../feed/cursor.ts'
import { LruMap } from '../lru-map.ts'
import { LONG_AGO } from '../timers.ts'

/** An app as it was when DynamoDB was read. */
export type Reading = { readonly app: App; readonly etag?: string | undefined; readonly readAt: number }

/** An app that was looked up, or followed, within this time is kept fresh while it is not followed. */
export const USED_WITHIN_MS = 900_000

/** An app in the store. It is the same object for as long as the app is stored. */
export type Entry = {
  /** The same object as long as nothing in it changed, so that callers can compare by identity. */
  app: App
  etag: string | undefined
  readAt: number
  /** Absent after a hint for the app. */
  followed: Followed | undefined
  /** Until when it was followed, if a hint ended that. */
  followedBefore: number
  /** From a snapshot: served while no region answers, but never fresh. */
  isLoaded: boolean
  usedAt: number
  /** The endpoint says that it was deleted, which is not confirmed. No request before this time. */
  unconfirmedUntil: number
  /** How the last lookup failed, by id and by key. */
  failures: Partial<Record<By, CachedFailure>>
  /** Random, 0 to 1: entries that were read together are revalidated at different times. */
  readonly jitter: number
}

export type StoreOptions = {
  readonly maxApps: number
  readonly random: () => number
  /** Called with an app that was evicted. */
  readonly onEviction?: () => void
}

/**
 * Apps by id, with an index of their keys. The least recently used are evicted, together with their keys. An app is never
 * replaced by an older read of it.
 */
export class AppStore {
  readonly #apps: LruMap<string, Entry>
  readonly #idOfKey = new Map<string, string>()
  /** Keys that two apps in the store have: only a lookup by key can tell which of them it finds. */
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

  /** The entry with this id or key, which becomes the most recently used. */
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
   * Stores an app that was read, unless the store has a newer read of it.
   * @param by how it was read: only a read by key finds out whether another app has the same key
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

  /** Stores an app of a snapshot. */
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

/** The last time at which the app is known to have been current. */
export function validAt(entry: Entry, now: number): number {
  return Math.max(entry.readAt, entry.followedBefore, Math.min(now, followedUntil(entry.followed)))
}

/** After a hint, the app is no longer followed. */
export function unfollow(entry: Entry, now: number): void {
  entry.followedBefore = validAt(entry, now)
  entry.followed = undefined
}
