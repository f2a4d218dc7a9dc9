import type { Hint } from './feed-page.ts'
import { LONG_AGO } from './timers.ts'

/** Reads whose answers are judged by recent hints began at most so long ago. */
const KEPT_MS = 120_000
const MAX_NAMES = 20_000

/** What was named by hints in the last two minutes, within a bounded memory. */
export class RecentHints {
  readonly #ids = new RecentNames()
  readonly #hashes = new RecentNames()
  #keylessAt = LONG_AGO

  add({ id, keys }: Hint, now: number): void {
    this.#ids.add(id, now)
    if (keys === undefined) this.#keylessAt = now
    for (const hash of keys ?? []) this.#hashes.add(hash, now)
  }

  /** Whether the app was named at `since` or later, as far as is known. */
  haveNamedId(id: string, since: number): boolean {
    return this.#ids.lastAt(id) >= since
  }

  haveNamedKey(hash: string, since: number): boolean {
    return Math.max(this.#hashes.lastAt(hash), this.#keylessAt) >= since
  }
}

/** When each name was added last. Names are forgotten a generation at a time. */
class RecentNames {
  #recent = new Map<string, number>()
  #old = new Map<string, number>()
  /** When the recent ones began, and the old ones: before that, any name may have been forgotten. */
  #recentFrom = LONG_AGO
  #oldFrom = LONG_AGO

  add(name: string, now: number): void {
    if (this.#recent.size >= MAX_NAMES || now - this.#recentFrom >= KEPT_MS) {
      this.#old = this.#recent
      this.#oldFrom = this.#recentFrom
      this.#recent = new Map()
      this.#recentFrom = now
    }
    this.#recent.set(name, now)
  }

  lastAt(name: string): number {
    return this.#recent.get(name) ?? this.#old.get(name) ?? this.#oldFrom
  }
}
