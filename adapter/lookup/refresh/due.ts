import { type Entry, USED_WITHIN_MS } from '../cache/store.ts'
import { type Cursor, followedUntil } from '../feed/cursor.ts'
import { LONG_AGO, NEVER } from '../timers.ts'

export type DueTimes = {
  readonly appTtlMs: number
  readonly followedMaxMs: number
  /** How often an app that has users, but is not looked up, is revalidated while it is not followed. */
  readonly revalidateIntervalMs: number
}

/**
 * When to revalidate an app. While the node follows changes: at once if the app is not followed, otherwise before its time
 * ends. While it does not: near the end of its TTL if it is looked up or was followed until now, and at an interval if it
 * has users.
 *
 * @param followed the cursor of the region in use, while it is followed
 */
export function dueAt(
  entry: Entry,
  hasUsers: boolean,
  followed: Cursor | undefined,
  now: number,
  { appTtlMs, followedMaxMs, revalidateIntervalMs }: DueTimes,
): number {
  if (followed) {
    if (entry.followed?.cursor !== followed) return Math.max(entry.readAt, followed.startedAt)
    return entry.followed.until - followedMaxMs * (0.05 + 0.1 * followed.jitter)
  }
  const until = followedUntil(entry.followed)
  const from = countsAsReadAt(entry, until, appTtlMs)
  const isUsed = now - Math.max(entry.usedAt, until) < USED_WITHIN_MS
  return Math.min(
    isUsed ? from + appTtlMs * (0.7 + 0.1 * entry.jitter) : NEVER,
    hasUsers ? from + revalidateIntervalMs * (0.9 + 0.2 * entry.jitter) : NEVER,
  )
}

/** When following ends, an app counts as read at a random moment of the last TTL, so that not all are due at once. */
function countsAsReadAt({ isLoaded, readAt, jitter }: Entry, until: number, appTtlMs: number): number {
  if (isLoaded) return LONG_AGO
  return until > readAt ? until - jitter * appTtlMs : readAt
}
