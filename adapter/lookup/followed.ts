import type { Region } from './region.ts'
import { LONG_AGO } from './timers.ts'

/** One region's change feed, followed from some moment on. */
export type Cursor = {
  readonly region: Region
  /** When the first poll had arrived: of what was read later, every change is heard. */
  readonly startedAt: number
  /** A number from 0 to 1, by which nodes that started together renew apart what they follow. */
  readonly jitter: number
  /** Where the next poll goes on. */
  position: string
  /** What the last poll that reached the end of the feed vouches for: until then the node follows. */
  followingUntil: number
}

/** That an answer may be used without asking: for as long as its cursor is followed, and until `until` at the latest. */
export type Followed = { readonly cursor: Cursor; readonly until: number }

/** Whether an answer is followed by the cursor that is in use. */
export function isFollowed(followed: Followed | undefined, cursor: Cursor | undefined, now: number): boolean {
  return followed !== undefined && followed.cursor === cursor && now < followed.until
}

/** Until when an answer is followed, as far as is known now. */
export function followedUntil(followed: Followed | undefined): number {
  return !followed ? LONG_AGO : Math.min(followed.until, followed.cursor.followingUntil)
}
