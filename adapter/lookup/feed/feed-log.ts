import type { Log } from '../log.ts'
import { LONG_AGO } from '../timers.ts'
import type { RegionFeedState } from './region-feed.ts'

/** Whether changes are followed, and if not, why. */
export type FeedState =
  | RegionFeedState
  /** It is turned off. */
  | 'off'
  /** The endpoint does not read consistently, so its responses can't be followed. */
  | 'not-consistent'

const WHY: Readonly<Record<Exclude<FeedState, 'following'>, string>> = {
  off: 'the change feed is turned off',
  starting: 'the change feed has not answered yet',
  'no-feed': 'the endpoint has no change feed',
  'no-answer': 'the change feed does not answer in time',
  'no-heartbeat': 'the change feed has no new heartbeat',
  behind: 'there are too many changes to read',
  expired: 'no cursor of the change feed can be followed',
  'not-consistent': 'the endpoint does not read consistently',
}

export const FEED_STATES: readonly string[] = ['following', ...Object.keys(WHY)]

/** Describes whether changes are followed. */
export function describeFeed(
  state: FeedState,
  { reason, appTtlMs, adverb = '' }: { reason: string | undefined; appTtlMs: number; adverb?: string },
): string {
  if (state === 'following') return `changes are followed${adverb}`
  const why = reason ? `${WHY[state]}: ${reason}` : WHY[state]
  return `changes are not followed${adverb} (${why}) and are seen within ${appTtlMs / 1000} s`
}

const LOG_AGAIN_MS = 60_000

/** Logs when the node starts and stops following: at most one line per minute. */
export type FeedLog = {
  /** Records a state that is logged elsewhere. */
  note(state: FeedState): void
  tell(origin: string, state: FeedState, reason: string | undefined, now: number): void
}

export function createFeedLog(log: Log, appTtlMs: number): FeedLog {
  let wasFollowing: boolean | undefined
  let hasFollowed = false
  let toldAt = LONG_AGO

  const note = (state: FeedState) => {
    wasFollowing = state === 'following'
    hasFollowed ||= wasFollowing
  }
  return {
    note,
    tell(origin, state, reason, now) {
      const isFollowing = state === 'following'
      if (state === 'starting' || isFollowing === wasFollowing || now - toldAt < LOG_AGAIN_MS) return
      const adverb = hasFollowed ? (isFollowing ? ' again' : ' any more') : ''
      const level = isFollowing || !hasFollowed ? 'info' : 'warn'
      log(level, `${origin}: ${describeFeed(state, { reason, appTtlMs, adverb })}`)
      toldAt = now
      note(state)
    },
  }
}
