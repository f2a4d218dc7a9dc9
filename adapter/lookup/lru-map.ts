/**
 * A map of limited size that drops the least recently used entries. It keeps at least the last `maxSize` entries, and at
 * most twice as many, because entries are dropped a generation at a time.
 *
 * It is not a library, because those need a later Node than 16 or are much larger.
 */
export type LruMap<Key, Value> = {
  readonly size: number
  /** The value, which is then the most recently used. */
  use(key: Key): Value | undefined
  peek(key: Key): Value | undefined
  set(key: Key, value: Value): void
  delete(key: Key): void
  values(): IterableIterator<Value>
}

/** @param onEviction called with a value before it is dropped; returns true to keep it */
export function createLruMap<Key, Value>(
  maxSize: number,
  onEviction?: (value: Value) => boolean | undefined,
): LruMap<Key, Value> {
  let recent = new Map<Key, Value>()
  let old = new Map<Key, Value>()
  /** Entries of the recent generation that must not be evicted, in addition to `maxSize`. */
  let kept = 0

  const dropOld = () => {
    const evicted = old
    old = recent
    recent = new Map()
    if (onEviction) for (const [key, value] of evicted) if (onEviction(value)) recent.set(key, value)
    kept = recent.size
  }
  const set = (key: Key, value: Value) => {
    old.delete(key)
    recent.set(key, value)
    if (recent.size >= maxSize + kept) dropOld()
  }

  return {
    get size() {
      return recent.size + old.size
    },
    use(key) {
      const value = old.get(key)
      if (value !== undefined) set(key, value)
      return value ?? recent.get(key)
    },
    peek: (key) => recent.get(key) ?? old.get(key),
    set,
    delete(key) {
      recent.delete(key)
      old.delete(key)
    },
    *values() {
      yield* recent.values()
      yield* old.values()
    },
  }
}
