import { USED_WITHIN_MS } from '../cache/cache.ts'
import { type AppRecord, hasChanged } from '../cache/record.ts'
import { type Cursor, followedUntil } from '../feed/cursor.ts'
import { LONG_AGO, NEVER } from '../timers.ts'

export type DueTimes = {
  readonly appTtlMs: number
  readonly followedMaxMs: number
  /** How often an app that has open sockets, but is not looked up, is revalidated while it is not followed. */
  readonly revalidateIntervalMs: number
}

/** What decides when apps are due. */
export type DueOptions = DueTimes & {
  /** Any whole number: nodes that read apps together revalidate them at different times. */
  readonly seed: number
}

/** When to read an app again. @param inUse the cursor of the region in use, while it is followed */
export function dueAt(
  record: AppRecord,
  inUse: Cursor | undefined,
  now: number,
  options: DueOptions,
): number {
  const { task } = record
  if (!task) return dueByAge(record, inUse, now, options)
  if (task.wait) return task.notBefore
  const at = hasChanged(record) ? task.dueSince : dueByAge(record, inUse, now, options)
  return Math.max(at, task.notBefore)
}

/**
 * While the node follows changes: at once if the app is not followed, otherwise before its time ends. While it does not:
 * near the end of its TTL if it is looked up or was followed until now, and at an interval if it has open sockets.
 */
function dueByAge(
  record: AppRecord,
  inUse: Cursor | undefined,
  now: number,
  { appTtlMs, followedMaxMs, revalidateIntervalMs, seed }: DueOptions,
): number {
  const { app, followed, isLive, readAt, usedAtS } = record
  if (!app) return isLive ? LONG_AGO : NEVER
  if (inUse) {
    if (followed?.cursor !== inUse) return Math.max(readAt, inUse.startedAt)
    return followed.until - followedMaxMs * (0.05 + 0.1 * inUse.jitter)
  }
  const until = followedUntil(followed)
  const jitter = jitterOf(record.id, seed)
  const from = countsAsReadAt(record, until, jitter * appTtlMs)
  const isUsed = now - Math.max(1000 * usedAtS, until) < USED_WITHIN_MS
  return Math.min(
    isUsed ? from + appTtlMs * (0.7 + 0.1 * jitter) : NEVER,
    isLive ? from + revalidateIntervalMs * (0.9 + 0.2 * jitter) : NEVER,
  )
}

/** When following ends, an app counts as read at a random moment of the last TTL, so that not all are due at once. */
function countsAsReadAt({ task, readAt }: AppRecord, until: number, jitterMs: number): number {
  if (task?.isLoaded) return LONG_AGO
  return until > readAt ? until - jitterMs : readAt
}

/** 0 to 1, by the id: apps that were read together are revalidated at different times. */
function jitterOf(id: string, seed: number): number {
  let hash = seed
  for (let i = 0; i < id.length; i += 1) hash = (Math.imul(hash, 31) + id.charCodeAt(i)) | 0
  return (Math.imul(hash, 0x9e3779b1) >>> 8) / 2 ** 24
}
