import type { Region } from '../endpoint/region.ts'
import type { Regions } from '../endpoint/regions.ts'
import type { By } from '../endpoint/request.ts'
import type { Log, RareLog } from '../log.ts'
import { LONG_AGO, type Timer, type Timers } from '../timers.ts'
import { type Cursor, type Followed, followedWith } from './cursor.ts'
import { createFeedLog, type FeedState } from './feed-log.ts'
import { type Hint, hashOfKey } from './page.ts'
import { createRecentHints } from './recent-hints.ts'
import { createRegionFeed } from './region-feed.ts'

export type FeedOptions = {
  readonly regions: Regions
  /** How often changes are polled; 0 turns following off. */
  readonly feedPollIntervalMs: number
  /** The longest time for which something is followed. */
  readonly followedMaxMs: number
  readonly appTtlMs: number
  readonly clock: () => number
  readonly timers: Timers
  readonly random: () => number
  readonly log: Log
  readonly rareLog: RareLog
  /** How many apps are known. */
  readonly knownApps: () => number
  /** Called with every hint. Returns whether its app is known. */
  readonly onHint: (hint: Hint) => boolean
  /** Called when the node follows another cursor, or none. */
  readonly onChange: () => void
}

/** Follows the change feed of the region in use, and decides what is followed. */
export type Feed = {
  /** Hints received since the start. */
  readonly hints: number
  /** Starts polling, unless it has started already. */
  start(): void
  /** Polls for the first time, without logging; resolves to the state. */
  check(): Promise<FeedState>
  state(): FeedState
  /** Why polls fail, and how old the newest heartbeat is. */
  details(): { readonly reason: string | undefined; readonly heartbeatAgeMs: number | undefined }
  /** The cursor of the region in use, while the node follows it. */
  followed(): Cursor | undefined
  /** The cursor with which a read of this region can be followed. */
  cursorOf(region: Region | undefined): Cursor | undefined
  /** Whether an app that was read consistently is followed: every later change of it has a hint. */
  follow(
    id: string,
    from: { readonly region: Region | undefined; readonly sentAt: number },
  ): Followed | undefined
  /** Whether a negative result is followed: after a hint, the index can still lag behind the table. */
  followNegative(by: By, name: string, readAt: number, region: Region | undefined): Followed | undefined
  /** A consistent read was asked for, and the result was not consistent. */
  recordNotConsistent(): void
  /** Another region may be the one to follow. */
  wake(): void
  close(): void
}

/** An index of keys lags behind its table, usually by much less than this. */
const INDEX_LAG_MS = 60_000
const CONSISTENT_RETRY_MS = 60_000

export function createFeed(options: FeedOptions): Feed {
  const { regions, feedPollIntervalMs, followedMaxMs, clock, timers, rareLog, onChange } = options
  const isOff = feedPollIntervalMs === 0
  const recent = createRecentHints()
  const log = createFeedLog(options.log, options.appTtlMs)
  let hints = 0
  const onHint = (hint: Hint) => {
    hints += 1
    recent.add(hint, clock())
    return options.onHint(hint)
  }
  /** A cursor is kept for each region, so that following can continue from it when the region is in use again. */
  const feeds = regions.all.map((region) => createRegionFeed(region, { ...options, onHint }))
  /** The region that was polled last, and the cursor that was followed at the last check. */
  let polled: Region | undefined
  let followedBefore: Cursor | undefined
  let notConsistentUntil = LONG_AGO
  let running: Promise<void> | undefined
  let nextRun: Timer | undefined
  let expiry: Timer | undefined
  let isChecking = false
  let closed = false

  const feedOf = (region: Region | undefined) => feeds.find((feed) => feed.region === region)
  const feedInUse = () => feedOf(regions.inUse())

  const state = (): FeedState => {
    if (isOff) return 'off'
    const now = clock()
    const found = feedInUse()?.state(now) ?? 'no-answer'
    return found === 'following' && now < notConsistentUntil ? 'not-consistent' : found
  }
  const followed = () => (state() === 'following' ? feedInUse()?.cursor : undefined)

  /** One poll at a time. */
  const run = (): Promise<void> => {
    running ??= poll()
      .catch((error) => rareLog.writeDefect('changes could not be followed', error))
      .finally(() => {
        running = undefined
        if (!closed) planNextRun()
      })
    return running
  }

  const poll = async () => {
    const feed = feedInUse()
    if (feed?.region !== polled) feed?.resume()
    polled = feed?.region
    if (feed && feed.nextAt <= clock()) await feed.poll()
    if (!closed) observe()
  }

  const planNextRun = () => {
    const feed = feedInUse()
    const nextAt = Math.min(clock() + feedPollIntervalMs, feed?.nextAt ?? Number.POSITIVE_INFINITY)
    runIn(feed?.region === polled ? Math.max(0, nextAt - clock()) : 0)
  }

  const runIn = (ms: number) => {
    nextRun?.cancel()
    nextRun = timers.inBackground(ms, () => void run())
  }

  /** Checks whether the node follows, and again when that would end. */
  const observe = () => {
    const feed = feedInUse()
    const now = followed()
    expiry?.cancel()
    if (now) expiry = timers.inBackground(now.followingUntil - clock(), observe)
    if (isChecking) log.note(state())
    // While no region answers, changes are not seen at all. That is logged for each region.
    else if (feed) log.tell(feed.region.origin, state(), feed.reason(), clock())
    if (now === followedBefore) return
    followedBefore = now
    onChange()
  }

  return {
    get hints() {
      return hints
    },

    start() {
      if (!isOff && !running && !nextRun) runIn(0)
    },

    async check() {
      isChecking = true
      if (!isOff) await run()
      isChecking = false
      return state()
    },

    state,

    details() {
      const feed = feedInUse()
      const heartbeatAt = feed?.heartbeatAt
      const heartbeatAgeMs = heartbeatAt === undefined ? undefined : clock() - heartbeatAt
      return { reason: feed?.reason(), heartbeatAgeMs }
    },

    followed,
    cursorOf: (region) => feedOf(region)?.cursor,

    follow(id, { region, sentAt }) {
      const cursor = feedOf(region)?.cursor
      if (!cursor || sentAt < cursor.startedAt || recent.haveNamedId(id, sentAt)) return undefined
      return followedWith(cursor, sentAt + followedMaxMs)
    },

    followNegative(by, name, readAt, region) {
      const cursor = feedOf(region)?.cursor
      const since = readAt - INDEX_LAG_MS
      if (!cursor || since < cursor.startedAt) return undefined
      const isNamed =
        by === 'id' ? recent.haveNamedId(name, since) : recent.haveNamedKey(hashOfKey(name), since)
      return isNamed ? undefined : followedWith(cursor, readAt + followedMaxMs)
    },

    recordNotConsistent() {
      notConsistentUntil = clock() + CONSISTENT_RETRY_MS
      observe()
    },

    wake() {
      if (nextRun) runIn(0)
    },

    close() {
      closed = true
      nextRun?.cancel()
      expiry?.cancel()
    },
  }
}
