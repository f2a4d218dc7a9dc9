import type { Region } from '../endpoint/region.ts'
import type { Regions } from '../endpoint/regions.ts'
import type { By } from '../endpoint/request.ts'
import type { Log, RareLog } from '../log.ts'
import { LONG_AGO, type Timer, type Timers } from '../timers.ts'
import type { Cursor, Followed } from './cursor.ts'
import { FeedLog, type FeedState } from './feed-log.ts'
import { type Hint, hashOfKey } from './page.ts'
import { RecentHints } from './recent-hints.ts'
import { RegionFeed } from './region-feed.ts'

export type FeedOptions = {
  readonly regions: Regions
  /** How often changes are polled; 0 turns following off. */
  readonly feedPollIntervalMs: number
  /** The longest time for which an answer is followed. */
  readonly followedMaxMs: number
  readonly appTtlMs: number
  readonly attemptTimeoutMs: number
  readonly clock: () => number
  readonly timers: Timers
  readonly random: () => number
  readonly log: Log
  readonly rareLog: RareLog
  /** Called with every hint. */
  readonly onHint: (hint: Hint) => void
  /** Called when the node follows another cursor, or none. */
  readonly onChange: () => void
}

/** How long the polls of the region in use must fail before a region that answers them is used. */
const LEAVE_AFTER_MS = 30_000
/** How often a region that is not in use is polled to check whether it answers. */
const TRIAL_MS = 60_000
/** An index of keys lags behind its table, usually by much less than this. */
const INDEX_LAG_MS = 60_000
const CONSISTENT_RETRY_MS = 60_000

/** Follows the change feed of the region in use, and decides which answers are followed. */
export class Feed {
  /** Hints received since the start. */
  hints = 0
  readonly #options: FeedOptions
  readonly #feeds: readonly RegionFeed[]
  readonly #recent = new RecentHints()
  readonly #log: FeedLog
  #region: Region | undefined
  /** The cursor that was followed at the last check. */
  #followed: Cursor | undefined
  #notConsistentUntil = LONG_AGO
  #running: Promise<void> | undefined
  #nextRun: Timer | undefined
  #expiry: Timer | undefined
  #isChecking = false
  #closed = false

  constructor(options: FeedOptions) {
    this.#options = options
    this.#log = new FeedLog(options.log, options.appTtlMs)
    const onHint = (hint: Hint) => {
      this.hints += 1
      this.#recent.add(hint, options.clock())
      options.onHint(hint)
    }
    this.#feeds = options.regions.all.map((region) => new RegionFeed(region, { ...options, onHint }))
  }

  /** Starts polling, unless it has started already. */
  start(): void {
    if (this.#isOff() || this.#running || this.#nextRun) return
    this.#runIn(0)
  }

  /** Polls for the first time, without logging; resolves to the state. */
  async check(): Promise<FeedState> {
    this.#isChecking = true
    if (!this.#isOff()) await this.#run()
    this.#isChecking = false
    return this.state()
  }

  state(): FeedState {
    if (this.#isOff()) return 'off'
    const now = this.#options.clock()
    const state = this.#feedInUse()?.state(now) ?? 'no-answer'
    return state === 'following' && now < this.#notConsistentUntil ? 'not-consistent' : state
  }

  /** Why polls fail, and how old the newest heartbeat is. */
  details(): { readonly reason: string | undefined; readonly heartbeatAgeMs: number | undefined } {
    const feed = this.#feedInUse()
    const heartbeatAt = feed?.heartbeatAt
    return {
      reason: feed?.reason(),
      heartbeatAgeMs: heartbeatAt === undefined ? undefined : this.#options.clock() - heartbeatAt,
    }
  }

  /** The cursor of the region in use, while the node follows it. */
  followed(): Cursor | undefined {
    return this.state() === 'following' ? this.#feedInUse()?.cursor : undefined
  }

  /** The cursor with which an answer of this region can be followed. */
  cursorOf(region: Region | undefined): Cursor | undefined {
    return this.#feedOf(region)?.cursor
  }

  /** Marks the answer of a consistent read as followed, if possible. */
  follow(
    id: string,
    { region, sentAt }: { region: Region | undefined; sentAt: number },
  ): Followed | undefined {
    const cursor = this.cursorOf(region)
    if (!cursor || sentAt < cursor.startedAt) return undefined
    if (this.#recent.haveNamedId(id, sentAt)) return undefined
    return { cursor, until: sentAt + this.#options.followedMaxMs }
  }

  /** Marks a negative answer as followed, if possible: after a hint, the index can still lag behind the table. */
  followNegative(by: By, name: string, readAt: number, region: Region | undefined): Followed | undefined {
    const cursor = this.cursorOf(region)
    const since = readAt - INDEX_LAG_MS
    if (!cursor || since < cursor.startedAt) return undefined
    const isNamed =
      by === 'id' ? this.#recent.haveNamedId(name, since) : this.#recent.haveNamedKey(hashOfKey(name), since)
    return isNamed ? undefined : { cursor, until: readAt + this.#options.followedMaxMs }
  }

  /** An answer to a consistent read was not consistent. */
  recordNotConsistent(): void {
    this.#notConsistentUntil = this.#options.clock() + CONSISTENT_RETRY_MS
    this.#observe()
  }

  /** Another region may be the one to follow. */
  wake(): void {
    if (this.#nextRun) this.#runIn(0)
  }

  close(): void {
    this.#closed = true
    this.#nextRun?.cancel()
    this.#expiry?.cancel()
  }

  #isOff(): boolean {
    return this.#options.feedPollIntervalMs === 0
  }

  #feedInUse(): RegionFeed | undefined {
    return this.#feedOf(this.#options.regions.inUse())
  }

  #feedOf(region: Region | undefined): RegionFeed | undefined {
    return this.#feeds.find((feed) => feed.region === region)
  }

  /** Polls the feeds that are due; one run at a time. */
  #run(): Promise<void> {
    this.#running ??= this.#pollDue()
      .catch((error) => this.#options.rareLog.writeDefect('changes could not be followed', error))
      .finally(() => {
        this.#running = undefined
        if (!this.#closed) this.#planNextRun()
      })
    return this.#running
  }

  async #pollDue(): Promise<void> {
    const { clock, regions } = this.#options
    const region = regions.inUse()
    const inUse = this.#feedOf(region)
    if (inUse && region !== this.#region && inUse.state(clock()) !== 'no-feed') inUse.nextAt = clock()
    this.#region = region
    const due = this.#polled().filter(({ nextAt }) => nextAt <= clock())
    await Promise.all(due.map((feed) => feed.poll()))
    if (this.#closed) return
    // A feed is read to its end first: with a page a minute, that could take hours.
    for (const feed of due)
      if (feed !== inUse && feed.state(clock()) !== 'behind') feed.nextAt = clock() + TRIAL_MS
    this.#chooseRegion()
    this.#observe()
  }

  /** The region in use, and the others while its polls fail or after it was set aside. */
  #polled(): RegionFeed[] {
    const { regions } = this.#options
    const inUse = this.#feedInUse()
    return this.#feeds.filter(
      (feed) =>
        feed === inUse ||
        (regions.isAnswering(feed.region) && (regions.isAside(feed.region) || this.#isLost(inUse))),
    )
  }

  #isLost(feed: RegionFeed | undefined): boolean {
    const since = feed?.failingSince
    return since !== undefined && this.#options.clock() - since >= LEAVE_AFTER_MS
  }

  /** Sets a region aside if it does not answer polls and the feed of another one is followed, until it answers again. */
  #chooseRegion(): void {
    const { clock, regions } = this.#options
    for (const { region, failingSince } of this.#feeds)
      if (failingSince === undefined) regions.setAside(region, false)
    const inUse = this.#feedInUse()
    if (!inUse || !this.#isLost(inUse)) return
    const isFollowed = (feed: RegionFeed) =>
      regions.isAnswering(feed.region) && feed.state(clock()) === 'following'
    if (this.#feeds.some(isFollowed)) regions.setAside(inUse.region, true)
  }

  #planNextRun(): void {
    const { clock, feedPollIntervalMs, regions } = this.#options
    const isMoved = regions.inUse() !== this.#region
    const nextAt = Math.min(clock() + feedPollIntervalMs, ...this.#polled().map((feed) => feed.nextAt))
    this.#runIn(isMoved ? 0 : Math.max(0, nextAt - clock()))
  }

  #runIn(ms: number): void {
    this.#nextRun?.cancel()
    this.#nextRun = this.#options.timers.inBackground(ms, () => void this.#run())
  }

  /** Checks whether the node follows, and again when that would end. */
  #observe(): void {
    const { clock, timers, onChange } = this.#options
    const state = this.state()
    const feed = this.#feedInUse()
    const followed = this.followed()
    this.#expiry?.cancel()
    if (followed) this.#expiry = timers.inBackground(followed.followingUntil - clock(), () => this.#observe())
    if (this.#isChecking) this.#log.note(state)
    // While no region answers, changes are not seen at all. That is logged for each region.
    else if (feed) this.#log.tell(feed.region.origin, state, feed.reason(), clock())
    if (followed !== this.#followed) onChange()
    this.#followed = followed
  }
}
