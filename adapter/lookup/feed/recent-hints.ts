import { LONG_AGO } from '../timers.ts'
import type { Hint } from './page.ts'

/** Longer than any read whose answer is compared with recent hints. */
const KEPT_MS = 120_000
const MAX_NAMES = 20_000

/** The ids and keys of the hints of the last two minutes, in a bounded memory. */
export class RecentHints {
  readonly #ids = new RecentNames()
  readonly #hashes = new RecentNames()
  #keylessAt = LONG_AGO

  add({ id, keys }: Hint, now: number): void {
    this.#ids.add(id, now)
    if (keys === undefined) this.#keylessAt = now
    for (const hash of keys ?? []) this.#hashes.add(hash, now)
  }

  /** Whether the app may have been named at `since` or later. */
  haveNamedId(id: string, since: number): boolean {
    return this.#ids.lastAt(id) >= since
  }

  haveNamedKey(hash: string, since: number): boolean {
    return Math.max(this.#hashes.lastAt(hash), this.#keylessAt) >= since
  }
}

/** When each name was last added. Names are dropped a generation at a time. */
class RecentNames {
  #recent = new Map<string, number>()
  #old = new Map<string, number>()
  /** When each generation began. Names from before the old one may have been dropped. */
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
