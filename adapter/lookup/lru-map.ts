/**
 * A map of limited size that drops the least recently used entries. It keeps at least the last `maxSize` entries, and at
 * most twice as many, because entries are dropped a generation at a time.
 *
 * It is not a library, because those need a later Node than 16 or are much larger.
 */
export class LruMap<Key, Value> {
  readonly #maxSize: number
  readonly #onEviction: ((key: Key, value: Value) => boolean | undefined) | undefined
  #recent = new Map<Key, Value>()
  #old = new Map<Key, Value>()
  /** Entries of the recent generation that must not be evicted, in addition to `maxSize`. */
  #kept = 0

  /** @param onEviction called with an entry before it is dropped; returns true to keep it */
  constructor(maxSize: number, onEviction?: (key: Key, value: Value) => boolean | undefined) {
    this.#maxSize = maxSize
    this.#onEviction = onEviction
  }

  get size(): number {
    return this.#recent.size + this.#old.size
  }

  /** The value, which is then the most recently used. */
  use(key: Key): Value | undefined {
    const value = this.#old.get(key)
    if (value !== undefined) this.set(key, value)
    return value ?? this.#recent.get(key)
  }

  peek(key: Key): Value | undefined {
    return this.#recent.get(key) ?? this.#old.get(key)
  }

  set(key: Key, value: Value): void {
    this.#old.delete(key)
    this.#recent.set(key, value)
    if (this.#recent.size >= this.#maxSize + this.#kept) this.#dropOld()
  }

  #dropOld(): void {
    const evicted = this.#old
    this.#old = this.#recent
    this.#recent = new Map()
    if (this.#onEviction)
      for (const [key, value] of evicted)
        if (this.#onEviction(key, value) === true) this.#recent.set(key, value)
    this.#kept = this.#recent.size
  }

  delete(key: Key): void {
    this.#recent.delete(key)
    this.#old.delete(key)
  }

  *values(): IterableIterator<Value> {
    yield* this.#recent.values()
    yield* this.#old.values()
  }
}
