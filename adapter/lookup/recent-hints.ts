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

/** When each name was added last, the oldest first. */
class RecentNames {
  readonly #addedAt = new Map<string, number>()
  /** Up to here any name may have been forgotten. */
  #forgottenAt = LONG_AGO

  add(name: string, now: number): void {
    this.#addedAt.delete(name)
    this.#addedAt.set(name, now)
    for (const [oldest, addedAt] of this.#addedAt) {
      if (this.#addedAt.size <= MAX_NAMES && now - addedAt <= KEPT_MS) return
      this.#addedAt.delete(oldest)
      this.#forgottenAt = addedAt
    }
  }

  lastAt(name: string): number {
    return this.#addedAt.get(name) ?? this.#forgottenAt
  }
}
