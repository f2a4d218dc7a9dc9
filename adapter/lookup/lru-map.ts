/**
 * A map of limited size: the entry that was not set or used for the longest time is evicted.
 *
 * Node 16 has to run it, and the whole adapter is one small file: libraries for this want a later Node or do much more.
 */
export class LruMap<Key, Value> {
  readonly #maxSize: number
  readonly #onEviction: ((key: Key, value: Value) => void) | undefined
  /** The least recently used first. */
  readonly #entries = new Map<Key, Value>()

  constructor(maxSize: number, onEviction?: (key: Key, value: Value) => void) {
    this.#maxSize = maxSize
    this.#onEviction = onEviction
  }

  get size(): number {
    return this.#entries.size
  }

  /** The value, which counts as used. */
  use(key: Key): Value | undefined {
    const value = this.#entries.get(key)
    if (value === undefined) return undefined
    this.#entries.delete(key)
    this.#entries.set(key, value)
    return value
  }

  peek(key: Key): Value | undefined {
    return this.#entries.get(key)
  }

  set(key: Key, value: Value): void {
    this.#entries.delete(key)
    this.#entries.set(key, value)
    if (this.#entries.size <= this.#maxSize) return
    for (const [oldest, evicted] of this.#entries) {
      this.#entries.delete(oldest)
      this.#onEviction?.(oldest, evicted)
      return
    }
  }

  delete(key: Key): void {
    this.#entries.delete(key)
  }

  clear(): void {
    this.#entries.clear()
  }

  values(): IterableIterator<Value> {
    return this.#entries.values()
  }
}
