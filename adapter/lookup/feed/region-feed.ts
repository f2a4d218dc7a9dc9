import type { Region } from '../endpoint/region.ts'
import { pollRequestFor } from '../endpoint/request.ts'
import type { Failure } from '../endpoint/response.ts'
import { LONG_AGO } from '../timers.ts'
import type { Cursor } from './cursor.ts'
import { type Hint, type Page, readPage } from './page.ts'

export type RegionFeedOptions = {
  readonly feedPollIntervalMs: number
  readonly attemptTimeoutMs: number
  readonly clock: () => number
  readonly random: () => number
  readonly onHint: (hint: Hint) => void
}

/** Whether a region's feed is followed, and if not, why. */
export type RegionFeedState =
  | 'starting'
  | 'following'
  /** The endpoint has no feed, or not for this token. */
  | 'no-feed'
  /** Polls fail. */
  | 'no-answer'
  /** The newest heartbeat is too old: changes might not arrive. */
  | 'no-heartbeat'
  /** The end of the feed was not reached. */
  | 'behind'
  /** Cursors expire soon after they were received. */
  | 'expired'

/** How long the node follows after a poll that reached the end of the feed. */
const POLLED_WITHIN_MS = 30_000
/** The heartbeat is written once a minute, at most a minute late, and one can be missing. */
const HEARTBEAT_WITHIN_MS = 210_000
/** A function answers the same poll from its cache for 1 s. An earlier poll would get an answer without newer changes. */
const MIN_GAP_MS = 1_050
/** The time between two pages. `MAX_PAGES` of them take 30 s. */
const PAGE_GAP_MS = 250
const MAX_PAGES = 120
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
  /** Since when no poll has been answered. */
  failingSince: number | undefined
  /** When the newest heartbeat before this cursor was written. */
  heartbeatAt: number | undefined
  #problem: Failure | undefined
  /** Consecutive pages with `more`. */
  #pages = 0
  /** Consecutive cursors that expired soon. */
  #restarts = 0
  readonly #options: RegionFeedOptions

  constructor(region: Region, options: RegionFeedOptions) {
    this.region = region
    this.#options = options
  }

  state(now: number): RegionFeedState {
    if (this.cursor && now < this.cursor.followingUntil) return 'following'
    if (this.#problem) return this.failingSince === undefined ? 'no-feed' : 'no-answer'
    if (this.#pages > 0) return 'behind'
    if (!this.cursor && this.#restarts > 0) return 'expired'
    return this.heartbeatAt === undefined ? 'starting' : 'no-heartbeat'
  }

  /** Why polls fail: a status or a code. */
  reason(): string | undefined {
    return this.#problem?.reason
  }

  /** One poll. Never rejects. */
  async poll(): Promise<void> {
    const { clock, attemptTimeoutMs, feedPollIntervalMs } = this.#options
    this.nextAt = clock() + this.#jittered(feedPollIntervalMs)
    const request = pollRequestFor(this.cursor?.position)
    const { answer, sentAt } = await this.region.ask(request, readPage, attemptTimeoutMs)
    if (answer.outcome === 'found') this.#takePage(answer.value, sentAt)
    else if ('reason' in answer && answer.outcome !== 'expired') this.#fail(answer, sentAt)
    else if (this.cursor) await this.#beginAnew(clock())
    else this.#fail({ outcome: 'failed', reason: 'no cursor to start from' }, sentAt)
  }

  #takePage({ hints, cursor: position, more, heartbeatAgeMs, ageMs }: Page, sentAt: number): void {
    const now = this.#options.clock()
    this.#problem = undefined
    this.failingSince = undefined
    this.cursor ??= {
      region: this.region,
      startedAt: now,
      jitter: this.#options.random(),
      position,
      followingUntil: LONG_AGO,
      apps: 0,
    }
    this.cursor.position = position
    for (const hint of hints) this.#options.onHint(hint)
    if (more) this.#planNextPage(now)
    else this.#reachEnd(this.cursor, sentAt - ageMs, heartbeatAgeMs)
  }

  /** The feed was read to its end at `at`: what is followed stays so for a while. */
  #reachEnd(cursor: Cursor, at: number, heartbeatAgeMs: number): void {
    this.#pages = 0
    this.heartbeatAt = Math.max(this.heartbeatAt ?? LONG_AGO, at - heartbeatAgeMs)
    cursor.followingUntil = Math.min(at + POLLED_WITHIN_MS, this.heartbeatAt + HEARTBEAT_WITHIN_MS)
  }

  /** A feed that grows faster than it can be read, or that never ends, is started again at the usual interval. */
  #planNextPage(now: number): void {
    this.#pages += 1
    const isHopeless = this.#pages >= MAX_PAGES
    if (isHopeless) this.#abandon(now)
    this.nextAt = now + (isHopeless ? this.#jittered(this.#options.feedPollIntervalMs) : PAGE_GAP_MS)
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
    // A region that rejects polls, or has no feed, can still answer lookups.
    const isFailing = failure.outcome === 'failed' || failure.outcome === 'broken'
    this.#problem = failure
    this.failingSince = isFailing ? (this.failingSince ?? sentAt) : undefined
    const retryMs = Math.min(this.#options.feedPollIntervalMs, MAX_RETRY_MS)
    const gapMs = isFailing ? retryMs : NO_FEED_RETRY_MS
    this.nextAt = sentAt + Math.max(this.#jittered(gapMs), failure.retryAfterMs ?? 0)
  }

  #abandon(now: number): void {
    if (!this.cursor) return
    this.cursor.followingUntil = Math.min(this.cursor.followingUntil, now)
    this.cursor = undefined
    this.heartbeatAt = undefined
  }

  /** Jitter, so that nodes that started together do not poll together. */
  #jittered(ms: number): number {
    return Math.max(MIN_GAP_MS, ms * (0.9 + this.#options.random() * 0.2))
  }
}
