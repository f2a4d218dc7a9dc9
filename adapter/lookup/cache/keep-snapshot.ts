import type { Token } from '../endpoint/token.ts'
import type { Timer, Timers } from '../timers.ts'
import type { AppCache } from './cache.ts'
import type { Snapshot } from './snapshot.ts'

export type KeepSnapshotOptions = {
  readonly snapshot: Snapshot
  readonly cache: AppCache
  readonly token: Token
  readonly snapshotIntervalMs: number
  readonly clock: () => number
  readonly timers: Timers
}

/** Followed apps stay current without being read, so the snapshot is also written at this interval. */
const REWRITE_MS = 300_000

/**
 * Loads the snapshot into the cache, and writes it after changes.
 * @returns a function that writes it for the last time
 */
export function keepSnapshot(options: KeepSnapshotOptions): () => Promise<void> {
  const { snapshot, cache, token, snapshotIntervalMs, clock, timers } = options
  cache.load(snapshot.load(token.current(), clock()))
  let savedRevision = cache.revision
  let savedAt = clock()
  let saving = Promise.resolve()
  let timer: Timer | undefined

  const save = () => {
    savedRevision = cache.revision
    savedAt = clock()
    // Read when it is written: a file system that hangs must not fill the memory.
    saving = saving.then(() => snapshot.save(token.current(), cache.readings(clock())))
    return saving
  }
  const saveChanges = () => {
    const isOld = clock() - savedAt >= REWRITE_MS && cache.revision > 0
    if (cache.revision !== savedRevision || isOld) void save()
    timer = timers.inBackground(snapshotIntervalMs, saveChanges)
  }
  timer = timers.inBackground(snapshotIntervalMs, saveChanges)
  // A node that starts with the new token must be able to read it.
  token.onChange(save)

  return () => {
    timer?.cancel()
    return save()
  }
}
