import { LONG_AGO } from '../timers.ts'
import type { Hint } from './page.ts'

/** Longer than any read whose response is compared with recent hints. */
const KEPT_MS = 120_000
const MAX_NAMES = 20_000

/** The ids and keys of the hints of the last two minutes, in a bounded memory. */
export type RecentHints = {
  add(hint: Hint, now: number): void
  /** Whether the app may have been named at `since` or later. */
  haveNamedId(id: string, since: number): boolean
  haveNamedKey(hash: string, since: number): boolean
}

export function createRecentHints(): RecentHints {
  const ids = createRecentNames()
  const hashes = createRecentNames()
  let keylessAt = LONG_AGO

  return {
    add({ id, keys }, now) {
      ids.add(id, now)
      if (keys === undefined) keylessAt = now
      for (const hash of keys ?? []) hashes.add(hash, now)
    },
    haveNamedId: (id, since) => ids.lastAt(id) >= since,
    haveNamedKey: (hash, since) => Math.max(hashes.lastAt(hash), keylessAt) >= since,
  }
}

/** When each name was last added. Names are dropped a generation at a time. */
function createRecentNames() {
  let recent = new Map<string, number>()
  let old = new Map<string, number>()
  /** When each generation began. Names from before the old one may have been dropped. */
  let recentFrom = LONG_AGO
  let oldFrom = LONG_AGO

  return {
    add(name: string, now: number) {
      if (recent.size >= MAX_NAMES || now - recentFrom >= KEPT_MS) {
        old = recent
        oldFrom = recentFrom
        recent = new Map()
        recentFrom = now
      }
      recent.set(name, now)
    },
    lastAt: (name: string) => recent.get(name) ?? old.get(name) ?? oldFrom,
  }
}
