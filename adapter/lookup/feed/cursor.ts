import type { Region } from '../endpoint/region.ts'
import { LONG_AGO } from '../timers.ts'

/** One region's change feed, followed from some moment on. */
export type Cursor = {
  readonly region: Region
  /** When the response to the first poll arrived. Every change of an app that was read later has a hint. */
  readonly startedAt: number
  /** The position in that response. */
  readonly startedFrom: string
  /** Random, 0 to 1: nodes that started together renew their apps at different times. */
  readonly jitter: number
  /** The `since` of the next poll. */
  position: string
  /** Until when the node follows, by the last poll that reached the end of the feed. */
  followingUntil: number
  /** How many apps are followed with this cursor. */
  apps: number
  /** What was followed last. */
  latest?: Followed
}

/** What was read may be used without a request while its cursor is followed, but no longer than `until`. */
export type Followed = { readonly cursor: Cursor; readonly until: number }

/** What is followed with a cursor until then. The apps of a response share it, which takes less memory. */
export function followedWith(cursor: Cursor, until: number): Followed {
  const followed = cursor.latest?.until === until ? cursor.latest : { cursor, until }
  cursor.latest = followed
  return followed
}

/** Until when something is followed, as far as is known now. */
export const followedUntil = (followed: Followed | undefined): number =>
  followed ? Math.min(followed.until, followed.cursor.followingUntil) : LONG_AGO

/** Whether something is followed with the cursor in use. */
export const isFollowed = (followed: Followed | undefined, inUse: Cursor | undefined, now: number): boolean =>
  followed !== undefined && followed.cursor === inUse && now < followed.until
