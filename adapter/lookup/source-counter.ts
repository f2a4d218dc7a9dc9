import { LruMap } from './lru-map.ts'

/** A source is quiet up to this many names per window. */
const MAX_NAMES = 20
const WINDOW_MS = 10_000
const MAX_SOURCES = 10_000

/** Counts the unknown names that each source asks for. */
export class SourceCounter {
  readonly #clock: () => number
  readonly #windows = new LruMap<string, { readonly startedAt: number; names: number }>(MAX_SOURCES)

  constructor(clock: () => number) {
    this.#clock = clock
  }

  /** Counts one more name; returns whether the source is still quiet. */
  count(source: string): boolean {
    const now = this.#clock()
    let window = this.#windows.use(source)
    if (window === undefined || now - window.startedAt >= WINDOW_MS) {
      window = { startedAt: now, names: 0 }
      this.#windows.set(source, window)
    }
    window.names += 1
    return window.names <= MAX_NAMES
  }
}
