import type { Region } from '../endpoint/region.ts'
import { MAX_BATCH, pollRequestFor } from '../endpoint/request.ts'
import { type Failure, failed } from '../endpoint/response.ts'
import type { Log } from '../log.ts'
import { LONG_AGO } from '../timers.ts'
import type { Cursor } from './cursor.ts'
import { type Hint, type Page, readPage } from './page.ts'

export type RegionFeedOptions = {
  readonly feedPollIntervalMs: number
  readonly clock: () => number
  readonly random: () => number
  /** Called with every hint. Returns whether its app is known. */
  readonly onHint: (hint: Hint) => boolean
  /** How many apps are known: they can all be read in place of the pages that remain. */
  readonly knownApps: () => number
  readonly log: Log
}

/** Whether a region's feed is followed, and if not, why. */
export type RegionFeedState =
  | 'starting'
  | 'following'
  /** The endpoint has no feed, or not for this token. */
  | 'no-feed'
  /** Polls fail, or are late. */
  | 'no-answer'
  /** The newest heartbeat is too old: changes might not arrive. */
  | 'no-heartbeat'
  /** The end of the feed was not reached. */
  | 'behind'
  /** Cursors expire soon after they were received, or pages are too large. */
  | 'expired'

/** How long the node follows after a poll that reached the end of the feed. */
const POLLED_WITHIN_MS = 30_000
/** The heartbeat is written once a minute, at most a minute late, and one can be missing. */
const HEARTBEAT_WITHIN_MS = 210_000
/** A function answers the same poll from its cache for 1 s. An earlier poll would get a response without newer changes. */
const MIN_GAP_MS = 1_050
/** The time between two pages, while the newest heartbeat is not old: many changes were made a moment ago. */
const PAGE_GAP_MS = 250
/**
 * The same for a node that was away. A page needs up to 52 read units, and the log's partition has 3,000 a second, also if
 * 100 nodes return together.
 */
const RETURN_GAP_MS = 2_500
/** These take less than a minute. If it needs more, it starts anew. */
const MAX_RETURN_PAGES = 20
/** After so many pages that bring the reader no nearer to the end, the cursor is replaced; they take 30 s. */
const MAX_PAGES = 120
const OLD_CURSOR_MS = 60_000
/** A reader that is not behind sees heartbeats up to two minutes old. */
const USUAL_HEARTBEAT_AGE_MS = 120_000
/** With a longer interval, a single failed poll would end following. */
const MAX_RETRY_MS = 5_000
const NO_FEED_RETRY_MS = 60_000
const MAX_RESTART_GAP_MS = 60_000

/** One region's change feed: its cursor, and the time of its next poll. */
export type RegionFeed = {
  readonly region: Region
  /** Kept while another region is in use, so that following can continue from it. */
  readonly cursor: Cursor | undefined
  /** When the next poll is due. */
  readonly nextAt: number
  /** When the newest heartbeat before this cursor was written. */
  readonly heartbeatAt: number | undefined
  state(now: number): RegionFeedState
  /** Why polls fail, or why cursors can't be used: a status or a code. */
  reason(): string | undefined
  /**
   * The region is in use again. Nodes that return together to a cursor that is not current do not read the log at the same
   * moment, because its partition has a limited throughput.
   */
  resume(): void
  /** One poll. Never rejects. */
  poll(): Promise<void>
}

export function createRegionFeed(region: Region, options: RegionFeedOptions): RegionFeed {
  const { clock, random, log, feedPollIntervalMs, knownApps, onHint } = options
  let cursor: Cursor | undefined
  let nextAt = LONG_AGO
  let heartbeatAt: number | undefined
  let problem: Failure | undefined
  let expiredBy: string | undefined
  /** Consecutive pages with `more`, and those since the newest heartbeat came nearer or the end was reached. */
  let pages = 0
  let idlePages = 0
  /** How old the heartbeat was at first and at last, and in how many steps it came nearer. */
  let steps = 0
  let firstAgeMs = 0
  let lastAgeMs = 0
  /** Whether the cursor has moved since the end was last reached. */
  let isMoved = false
  /** Where the last cursor that expired had started. */
  let expiredFrom: string | undefined
  /** Consecutive cursors that expired soon. */
  let restarts = 0

  const state = (now: number): RegionFeedState => {
    if (cursor && now < cursor.followingUntil) return 'following'
    if (problem) return problem.outcome === 'no-feed' ? 'no-feed' : 'no-answer'
    if (pages > 0) return 'behind'
    if (!cursor && restarts > 0) return 'expired'
    if (heartbeatAt === undefined) return 'starting'
    return now < heartbeatAt + HEARTBEAT_WITHIN_MS ? 'no-answer' : 'no-heartbeat'
  }

  const poll = async (): Promise<void> => {
    nextAt = clock() + jittered(feedPollIntervalMs)
    const request = pollRequestFor(cursor?.position)
    const { response, sentAt } = await region.ask(request, readPage)
    if (response.outcome === 'found') {
      // A cursor that has expired does not come again: a cache has stored this page, whose heartbeat is older than it says.
      const isRepeated = !cursor && response.value.cursor === expiredFrom
      if (!isRepeated) return takePage(response.value, sentAt)
      await beginAnew(clock())
    } else if ('reason' in response && response.outcome !== 'expired') fail(response, sentAt)
    else if (cursor) {
      expiredBy = 'reason' in response ? response.reason : undefined
      await beginAnew(clock())
    } else fail(failed('no cursor to start from'), sentAt)
  }

  const takePage = ({ hints, cursor: position, more, heartbeatAgeMs, ageMs }: Page, sentAt: number) => {
    const now = clock()
    problem = undefined
    cursor ??= {
      region,
      startedAt: now,
      startedFrom: position,
      jitter: random(),
      position,
      followingUntil: LONG_AGO,
      apps: 0,
    }
    isMoved ||= position !== cursor.position || heartbeatAt === undefined
    cursor.position = position
    const known = hints.filter(onHint).length
    if (more) return planNextPage(now, heartbeatAgeMs)
    reachEnd(cursor, sentAt - ageMs, heartbeatAgeMs)
    // While there is more to read than a batch holds, hints are heard as soon as they can be, so that none waits for others.
    if (known > MAX_BATCH) nextAt = Math.min(nextAt, sentAt + MIN_GAP_MS)
  }

  /** The feed was read to its end at `at`: what is followed stays so for a while. */
  const reachEnd = (reached: Cursor, at: number, heartbeatAgeMs: number) => {
    pages = 0
    idlePages = 0
    heartbeatAt ??= LONG_AGO
    // A new heartbeat is a new entry. A cache that repeats an old page would otherwise make the heartbeat look new.
    if (isMoved) heartbeatAt = Math.max(heartbeatAt, at - heartbeatAgeMs)
    isMoved = false
    reached.followingUntil = Math.min(at + POLLED_WITHIN_MS, heartbeatAt + HEARTBEAT_WITHIN_MS)
  }

  /** Reads on, unless it is cheaper to read all known apps, or the feed never ends. */
  const planNextPage = (now: number, heartbeatAgeMs: number) => {
    // The first page is compared with the heartbeat before it, if that is older.
    const beforeMs = pages > 0 ? lastAgeMs : now - (heartbeatAt ?? now)
    const isNearer = heartbeatAgeMs < beforeMs
    if (pages === 0) {
      firstAgeMs = Math.max(beforeMs, heartbeatAgeMs)
      steps = 0
    }
    if (pages > 0 || isNearer) steps += 1
    lastAgeMs = heartbeatAgeMs
    pages += 1
    idlePages = isNearer ? 0 : idlePages + 1
    const wasAway = heartbeatAgeMs > USUAL_HEARTBEAT_AGE_MS
    nextAt = now + (wasAway ? RETURN_GAP_MS : PAGE_GAP_MS)
    if (idlePages >= MAX_PAGES) {
      abandon(now)
      nextAt = now + jittered(feedPollIntervalMs)
    } else if (wasAway && pagesLeft() > Math.min(knownApps() / MAX_BATCH, MAX_RETURN_PAGES - pages)) {
      const minutes = Math.round(heartbeatAgeMs / 60_000)
      log('info', `${region.origin}: the change feed is ${minutes} min behind; starting anew`)
      abandon(now)
    }
  }

  /** About how many pages remain, by how far each brought the newest heartbeat nearer; at most 0 if that can't be said. */
  const pagesLeft = (): number => {
    const fallMs = steps > 0 ? (firstAgeMs - lastAgeMs) / steps : 0
    return fallMs > 0 ? (lastAgeMs - USUAL_HEARTBEAT_AGE_MS) / fallMs : 0
  }

  /** The cursor has expired. One that lasted is replaced at once, the others after growing delays. */
  const beginAnew = async (now: number): Promise<void> => {
    expiredFrom = cursor?.startedFrom ?? expiredFrom
    const lasted = cursor && now - cursor.startedAt >= MAX_RESTART_GAP_MS
    restarts = lasted ? 0 : restarts + 1
    abandon(now)
    if (lasted) return poll()
    nextAt = now + jittered(Math.min(MAX_RESTART_GAP_MS, feedPollIntervalMs * 2 ** restarts))
  }

  const fail = (failure: Failure, sentAt: number) => {
    problem = failure
    const retryMs = Math.min(feedPollIntervalMs, MAX_RETRY_MS)
    const gapMs = failure.outcome === 'no-feed' ? NO_FEED_RETRY_MS : retryMs
    nextAt = sentAt + Math.max(jittered(gapMs), failure.retryAfterMs ?? 0)
  }

  const abandon = (now: number) => {
    if (!cursor) return
    cursor.followingUntil = Math.min(cursor.followingUntil, now)
    cursor = undefined
    heartbeatAt = undefined
    pages = 0
  }

  /** Jitter, so that nodes that started together do not poll together. */
  const jittered = (ms: number): number => Math.max(MIN_GAP_MS, ms * (0.9 + random() * 0.2))

  return {
    region,
    get cursor() {
      return cursor
    },
    get nextAt() {
      return nextAt
    },
    get heartbeatAt() {
      return heartbeatAt
    },
    state,
    reason: () => (problem ? problem.reason : cursor ? undefined : expiredBy),
    resume() {
      if (state(clock()) === 'no-feed') return
      const isOld = cursor && clock() - cursor.followingUntil > OLD_CURSOR_MS
      nextAt = clock() + (isOld ? random() * feedPollIntervalMs : 0)
    },
    poll,
  }
}
