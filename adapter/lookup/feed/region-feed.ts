import type { Region } from '../endpoint/region.ts'
import { pollRequestFor } from '../endpoint/request.ts'
import type { Failure } from '../endpoint/response.ts'
import type { Log } from '../log.ts'
import { LONG_AGO } from '../timers.ts'
import type { Cursor } from './cursor.ts'
import { type Hint, type Page, readPage } from './page.ts'

export type RegionFeedOptions = {
  readonly feedPollIntervalMs: number
  readonly attemptTimeoutMs: number
  readonly clock: () => number
  readonly random: () => number
  readonly onHint: (hint: Hint) => void
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
/** A function answers the same poll from its cache for 1 s. An earlier poll would get an answer without newer changes. */
const MIN_GAP_MS = 1_050
/** The time between two pages. */
const PAGE_GAP_MS = 250
/** After so many pages that bring the reader no nearer to the end, the cursor is replaced; they take 30 s. */
const MAX_PAGES = 120
const OLD_CURSOR_MS = 60_000
/** A reader that is not behind sees heartbeats up to two minutes old. */
const USUAL_HEARTBEAT_AGE_MS = 120_000
/** Apps in a batch. */
const BATCH_ITEMS = 100
/** With a longer interval, a single failed poll would end following. */
const MAX_RETRY_MS = 5_000
const NO_FEED_RETRY_MS = 60_000
const MAX_RESTART_GAP_MS = 60_000

/** One region's change feed: its cursor, and the time of its next poll. */
export class RegionFeed {
  readonly region: Region
  /** Kept while another region is in use, so that following can continue from it. */
  cursor: Cursor | undefined
  /** When the next poll is due. */
  nextAt = LONG_AGO
  /** When the newest heartbeat before this cursor was written. */
  heartbeatAt: number | undefined
  #problem: Failure | undefined
  #expiredBy: string | undefined
  /** Consecutive pages with `more`, and those since the newest heartbeat came nearer. */
  #pages = 0
  #idlePages = 0
  /** How old the heartbeat was at first and at last, and in how many steps it came nearer. */
  #steps = 0
  #firstAgeMs = 0
  #lastAgeMs = 0
  /** Whether the cursor has moved since the end was last reached. */
  #isMoved = false
  /** Consecutive cursors that expired soon. */
  #restarts = 0
  readonly #options: RegionFeedOptions

  constructor(region: Region, options: RegionFeedOptions) {
    this.region = region
    this.#options = options
  }

  state(now: number): RegionFeedState {
    if (this.cursor && now < this.cursor.followingUntil) return 'following'
    if (this.#problem) return this.#problem.outcome === 'no-feed' ? 'no-feed' : 'no-answer'
    if (this.#pages > 0) return 'behind'
    if (!this.cursor && this.#restarts > 0) return 'expired'
    if (this.heartbeatAt === undefined) return 'starting'
    return now < this.heartbeatAt + HEARTBEAT_WITHIN_MS ? 'no-answer' : 'no-heartbeat'
  }

  /**
   * The region is in use again. Nodes that return together to a cursor that is not current do not read the log at the same
   * moment, because its partition has a limited throughput.
   */
  resume(): void {
    const { clock, random, feedPollIntervalMs } = this.#options
    if (this.state(clock()) === 'no-feed') return
    const isOld = this.cursor !== undefined && clock() - this.cursor.followingUntil > OLD_CURSOR_MS
    this.nextAt = clock() + (isOld ? random() * feedPollIntervalMs : 0)
  }

  /** Why polls fail, or why cursors can't be used: a status or a code. */
  reason(): string | undefined {
    if (this.#problem) return this.#problem.reason
    return this.cursor ? undefined : this.#expiredBy
  }

  /** One poll. Never rejects. */
  async poll(): Promise<void> {
    const { clock, attemptTimeoutMs, feedPollIntervalMs } = this.#options
    this.nextAt = clock() + this.#jittered(feedPollIntervalMs)
    const request = pollRequestFor(this.cursor?.position)
    const { answer, sentAt } = await this.region.ask(request, readPage, attemptTimeoutMs)
    if (answer.outcome === 'found') this.#takePage(answer.value, sentAt)
    else if ('reason' in answer && answer.outcome !== 'expired') this.#fail(answer, sentAt)
    else if (this.cursor) {
      this.#expiredBy = 'reason' in answer ? answer.reason : undefined
      await this.#beginAnew(clock())
    } else this.#fail({ outcome: 'failed', reason: 'no cursor to start from' }, sentAt)
  }

  #takePage({ hints, cursor: position, more, heartbeatAgeMs, ageMs }: Page, sentAt: number): void {
    const now = this.#options.clock()
    this.#problem = undefined
    this.cursor ??= {
      region: this.region,
      startedAt: now,
      jitter: this.#options.random(),
      position,
      followingUntil: LONG_AGO,
      apps: 0,
    }
    this.#isMoved ||= position !== this.cursor.position || this.heartbeatAt === undefined
    this.cursor.position = position
    for (const hint of hints) this.#options.onHint(hint)
    if (more) this.#planNextPage(now, heartbeatAgeMs)
    else this.#reachEnd(this.cursor, sentAt - ageMs, heartbeatAgeMs)
    // While there is more to read than a batch holds, hints are heard as soon as they can be, so that none waits for others.
    if (!more && hints.length > BATCH_ITEMS) this.nextAt = Math.min(this.nextAt, sentAt + MIN_GAP_MS)
  }

  /** The feed was read to its end at `at`: what is followed stays so for a while. */
  #reachEnd(cursor: Cursor, at: number, heartbeatAgeMs: number): void {
    this.#pages = 0
    // A new heartbeat is a new entry. A cache that repeats an old page would otherwise make the heartbeat look new.
    let { heartbeatAt = LONG_AGO } = this
    if (this.#isMoved) heartbeatAt = Math.max(heartbeatAt, at - heartbeatAgeMs)
    this.#isMoved = false
    this.heartbeatAt = heartbeatAt
    cursor.followingUntil = Math.min(at + POLLED_WITHIN_MS, heartbeatAt + HEARTBEAT_WITHIN_MS)
  }

  /** Reads on, unless it is cheaper to read all known apps, or the feed never ends. */
  #planNextPage(now: number, heartbeatAgeMs: number): void {
    // The first page is compared with the heartbeat before it, if that is older.
    const beforeMs = this.#pages > 0 ? this.#lastAgeMs : now - (this.heartbeatAt ?? now)
    const isNearer = heartbeatAgeMs < beforeMs
    if (this.#pages === 0) {
      this.#firstAgeMs = Math.max(beforeMs, heartbeatAgeMs)
      this.#steps = 0
    }
    if (this.#pages > 0 || isNearer) this.#steps += 1
    this.#lastAgeMs = heartbeatAgeMs
    this.#pages += 1
    this.#idlePages = isNearer ? 0 : this.#idlePages + 1
    this.nextAt = now + PAGE_GAP_MS
    if (this.#idlePages >= MAX_PAGES) {
      this.#abandon(now)
      this.nextAt = now + this.#jittered(this.#options.feedPollIntervalMs)
    } else if (this.#pagesLeft() > this.#options.knownApps() / BATCH_ITEMS) {
      const minutes = Math.round(heartbeatAgeMs / 60_000)
      this.#options.log(
        'info',
        `${this.region.origin}: the change feed is ${minutes} min behind; starting anew`,
      )
      this.#abandon(now)
    }
  }

  /** About how many pages remain, by how far each brought the newest heartbeat nearer; at most 0 if that can't be said. */
  #pagesLeft(): number {
    const fallMs = this.#steps > 0 ? (this.#firstAgeMs - this.#lastAgeMs) / this.#steps : 0
    return fallMs > 0 ? (this.#lastAgeMs - USUAL_HEARTBEAT_AGE_MS) / fallMs : 0
  }

  /** The cursor has expired. One that lasted is replaced at once, the others after growing delays. */
  async #beginAnew(now: number): Promise<void> {
    const lasted = this.cursor && now - this.cursor.startedAt >= MAX_RESTART_GAP_MS
    this.#restarts = lasted ? 0 : this.#restarts + 1
    this.#abandon(now)
    if (lasted) return this.poll()
    const gapMs = Math.min(MAX_RESTART_GAP_MS, this.#options.feedPollIntervalMs * 2 ** this.#restarts)
    this.nextAt = now + this.#jittered(gapMs)
  }

  #fail(failure: Failure, sentAt: number): void {
    this.#problem = failure
    const retryMs = Math.min(this.#options.feedPollIntervalMs, MAX_RETRY_MS)
    const gapMs = failure.outcome === 'no-feed' ? NO_FEED_RETRY_MS : retryMs
    this.nextAt = sentAt + Math.max(this.#jittered(gapMs), failure.retryAfterMs ?? 0)
  }

  #abandon(now: number): void {
    if (!this.cursor) return
    this.cursor.followingUntil = Math.min(this.cursor.followingUntil, now)
    this.cursor = undefined
    this.heartbeatAt = undefined
    this.#pages = 0
    this.#idlePages = 0
  }

  /** Jitter, so that nodes that started together do not poll together. */
  #jittered(ms: number): number {
    return Math.max(MIN_GAP_MS, ms * (0.9 + this.#options.random() * 0.2))
  }
}
