import type { Region } from '../endpoint/region.ts'
import type { By } from '../endpoint/request.ts'
import { type Followed, followedUntil } from '../feed/cursor.ts'
import { hashOfKey } from '../feed/page.ts'
import { createLruMap, type LruMap } from '../lru-map.ts'
import { LONG_AGO } from '../timers.ts'
import type { CachedFailure } from './record.ts'

/** A not-found response of a region that is not the nearest, and when it was read. */
export type FailoverAbsence = { readonly region: Region; readonly readAt: number }

/** What is known of an id or key by itself: that no app has it, or that its last lookup failed. */
type Name = {
  /** When a read found no app with this name. */
  readAt: number
  followed: Followed | undefined
  /** The hash of a key, while its negative result is followed. */
  hash: string | undefined
  failure: CachedFailure | undefined
  failover: FailoverAbsence | undefined
}

/**
 * Ids and keys without an app, or whose lookup failed, in a bounded memory. They are separate from the apps, so that lookups
 * of names that don't exist evict no app.
 */
export type Names = {
  readonly size: number
  /** Whether a negative result for this name may be used. */
  isMissing(by: By, name: string, now: number): boolean
  /** When the last negative result for this name was read, even if it has expired. */
  readAt(by: By, name: string): number
  missing(by: By, name: string, readAt: number, followed: Followed | undefined): void
  /** An app with this name was read. After an older read, a negative result is only not followed any more. */
  found(by: By, name: string, readAt: number): void
  /** A hint has named an app: negative results for its id and for its keys are not followed any more. */
  unfollow(id: string, hashes: readonly string[] | undefined): void
  failure(by: By, name: string): CachedFailure | undefined
  failed(by: By, name: string, failure: CachedFailure): void
  /**
   * A region that is not the nearest finds no app: returns whether it has repeated that for long enough. Its table can lag
   * behind, so that a new app is missing there, and a client that is told so does not reconnect.
   */
  confirmsAbsence(by: By, name: string, absence: FailoverAbsence): boolean
}

/** The time after which a region that is not the nearest must repeat a not-found response. */
const CONFIRM_FAILOVER_MS = 60_000

export function createNames(negativeCacheTtlMs: number, maxNames: number): Names {
  /** The keys of followed negative results, by the hash that a hint has of them. */
  const keyOfHash = new Map<string, string>()
  const forgetHash = (of: Name) => {
    if (of.hash) keyOfHash.delete(of.hash)
    of.hash = undefined
    of.followed = undefined
  }
  const names: Readonly<Record<By, LruMap<string, Name>>> = {
    id: createLruMap(maxNames),
    key: createLruMap(maxNames, (evicted) => void forgetHash(evicted)),
  }
  const nameOf = (by: By, name: string): Name => {
    let known = names[by].use(name)
    if (!known) {
      known = {
        readAt: LONG_AGO,
        followed: undefined,
        hash: undefined,
        failure: undefined,
        failover: undefined,
      }
      names[by].set(name, known)
    }
    return known
  }

  return {
    get size() {
      return names.id.size + names.key.size
    },

    isMissing(by, name, now) {
      const known = names[by].use(name)
      return known ? now < Math.max(known.readAt + negativeCacheTtlMs, followedUntil(known.followed)) : false
    },

    readAt: (by, name) => names[by].peek(name)?.readAt ?? LONG_AGO,

    missing(by, name, readAt, followed) {
      const known = nameOf(by, name)
      if (known.readAt > readAt) return
      forgetHash(known)
      known.readAt = readAt
      known.failure = undefined
      known.followed = followed
      if (by === 'id' || !followed) return
      known.hash = hashOfKey(name)
      keyOfHash.set(known.hash, name)
    },

    found(by, name, readAt) {
      const known = names[by].peek(name)
      if (!known) return
      forgetHash(known)
      if (known.readAt <= readAt) names[by].delete(name)
    },

    unfollow(id, hashes) {
      const byId = names.id.peek(id)
      if (byId) byId.followed = undefined
      for (const hash of hashes ?? [...keyOfHash.keys()]) {
        const key = keyOfHash.get(hash)
        const byKey = key && names.key.peek(key)
        if (byKey) forgetHash(byKey)
      }
    },

    failure: (by, name) => names[by].peek(name)?.failure,

    failed(by, name, failure) {
      nameOf(by, name).failure = failure
    },

    confirmsAbsence(by, name, absence) {
      const known = nameOf(by, name)
      if (known.failover?.region === absence.region)
        return absence.readAt - known.failover.readAt >= CONFIRM_FAILOVER_MS
      known.failover = absence
      return false
    },
  }
}
