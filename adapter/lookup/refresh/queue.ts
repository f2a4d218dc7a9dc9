import { type AppCache, USED_WITHIN_MS } from '../cache/cache.ts'
import { type AppRecord, hasChanged, taskOf, unfollow, type Wait } from '../cache/record.ts'
import type { Region } from '../endpoint/region.ts'
import { MAX_BATCH } from '../endpoint/request.ts'
import { type Failure, failed } from '../endpoint/response.ts'
import { type Cursor, isFollowed } from '../feed/cursor.ts'
import type { Feed } from '../feed/feed.ts'
import type { RevalidationOutcome } from '../stats.ts'
import { LONG_AGO, NEVER, type Timer, type Timers } from '../timers.ts'
import { type DueTimes, dueAt } from './due.ts'
import { pickBatch } from './pick-batch.ts'
import { createRevalidator, growingWaitMs, markChanged, type RevalidatorOptions } from './revalidate.ts'
import { createSchedule, RANKS, type Rank } from './schedule.ts'

export type QueueOptions = DueTimes &
  RevalidatorOptions & { readonly cache: AppCache; readonly feed: Feed; readonly timers: Timers }

/** Revalidates known apps in conditional batches: one per second, or up to five while many live apps have changed. */
export type RevalidationQueue = {
  /** How many apps are due, or wait for a retry. */
  readonly length: number
  /** The number of revalidated apps, by outcome. */
  readonly outcomes: Readonly<Record<RevalidationOutcome, number>>
  /** An app must be read at another time than before. */
  update(record: AppRecord): void
  /** An app is not known any more. */
  remove(record: AppRecord): void
  /** Another cursor is followed, or none: every app must be read at another time. */
  updateAll(): void
  /** A known app may have changed. */
  hint(record: AppRecord): void
  /** Reads a known app again, to confirm its deletion. */
  confirm(record: AppRecord): void
  /** A region is back. */
  recover(): void
  /**
   * Revalidates a known app in the next batch, while changes are followed. Resolves after the attempt. Returns undefined
   * if the caller should send a request itself.
   */
  join(record: AppRecord): Promise<void> | undefined
  /** Reads a known app at once, apart from the batches. Resolves to the failure, if it failed. Never rejects. */
  readNow(record: AppRecord): Promise<Failure | undefined>
  close(): void
}

/** The time between two requests, and between two looks for apps that are due. */
const MIN_GAP_MS = 1_000
/** The same while more apps with open sockets have changed than fit into a batch. */
const SHORT_GAP_MS = 200
/** How long the gap is not shortened after a failure. */
const SLOW_MS = 60_000
const MAX_SLEEP_MS = 10_000
/** How long a lookup waits for the queue before it sends a request itself. */
const MAX_WAIT_MS = 1_500
/** How many apps are moved at a time, so that soketi's event loop is free in between. */
const SLICE = 2_000
/** A single failed batch is not worth a log line. */
const LOG_FAILURES_FROM = 2

export function createQueue(options: QueueOptions): RevalidationQueue {
  const { cache, feed, regions, log, clock, timers, random } = options
  const revalidator = createRevalidator(options)
  const schedule = createSchedule()
  const due = { ...options, seed: Math.trunc(random() * 2 ** 31) }
  /** The records that wait for a retry, or to be confirmed as deleted. */
  const waiting = new Set<AppRecord>()
  /** The records that the request in flight is for. */
  const asked = new Set<AppRecord>()
  /** The records whose place is out of date after a change of cursor or region. */
  let outdated: AppRecord[] = []
  let isUpdating = false
  let recoveredAt = LONG_AGO
  /** Failed batches in a row, of this region. */
  let region: Region | undefined
  let failures = 0
  let retryAt = LONG_AGO
  let maxItems = MAX_BATCH
  let slowUntil = LONG_AGO
  let lookedAt = LONG_AGO
  let sentAt = LONG_AGO
  let isSending = false
  let timer: Timer | undefined
  let timerAt = NEVER
  let closed = false

  const writeDefect = (error: unknown) => log.writeDefect('apps could not be revalidated', error)

  const wakeAt = (earliest: number) => {
    const now = clock()
    const at = Math.max(earliest, now)
    if (closed || isSending || at >= timerAt) return
    timer?.cancel()
    timerAt = at
    // Rounded up, because Node drops fractions of a millisecond.
    timer = timers.inBackground(Math.ceil(at - now), run)
  }
  const gapMs = () => {
    const urgent = schedule.due(RANKS.awaited).size + schedule.due(RANKS.liveAndChanged).size
    return urgent > maxItems && clock() >= slowUntil ? SHORT_GAP_MS : MIN_GAP_MS
  }
  const wake = () => wakeAt(lookedAt + gapMs())
  /** An app is due. */
  const sendSoon = () => wakeAt(sentAt + gapMs())

  const rankOf = (record: AppRecord, followed: Cursor | undefined, now: number): Rank => {
    const { task, isLive, usedAtS } = record
    if (task?.wait) return RANKS.awaited
    const isChanged = hasChanged(record)
    if (!isChanged && isFollowed(record.followed, followed, now)) return RANKS.renewal
    if (isLive) return isChanged ? RANKS.liveAndChanged : RANKS.live
    if (isChanged) return RANKS.changed
    return now - 1000 * usedAtS < USED_WITHIN_MS ? RANKS.used : RANKS.cached
  }

  /** Puts a record into its place in the schedule. Returns when it is due. */
  const update = (record: AppRecord, now = clock(), followed = feed.followed()): number => {
    if (record.followed && now >= record.followed.until) unfollow(record, now)
    const { task } = record
    if (task && task.failures > 0 && task.changedAt <= recoveredAt) {
      task.failures = 0
      task.notBefore = LONG_AGO
    }
    const at = dueAt(record, followed, now, due)
    waiting.delete(record)
    if (at <= now) schedule.makeDue(record, at, rankOf(record, followed, now))
    else {
      schedule.plan(record, at)
      if (hasChanged(record)) waiting.add(record)
    }
    return at
  }

  /** Updates a record, and wakes when it is due. What is in flight gets its place after the response. */
  const place = (record: AppRecord) => {
    if (!asked.has(record)) wakeAt(Math.max(update(record), lookedAt + gapMs()))
  }

  /** Moves the records whose places are out of date, some at a time. */
  const updateSlice = () => {
    const [now, followed] = [clock(), feed.followed()]
    for (const record of outdated.splice(-SLICE))
      if (isKnown(record) && !asked.has(record)) update(record, now, followed)
    isUpdating = !closed && outdated.length > 0
    if (isUpdating) timers.inBackground(0, updateSlice)
    wake()
  }
  const isKnown = (record: AppRecord) => cache.peek('id', record.id) === record

  const updateAll = () => {
    outdated = [...cache.records()]
    if (!isUpdating) updateSlice()
  }

  function run(): void {
    const now = clock()
    timerAt = NEVER
    try {
      const nextAt = sendNext(now)
      if (nextAt !== undefined) wakeAt(Math.max(nextAt, lookedAt + gapMs()))
    } catch (error) {
      // Nothing catches an error of a timer, which would end the process.
      writeDefect(error)
      wakeAt(now + MAX_SLEEP_MS)
    }
  }

  /** Sends the next request if an app is due. Otherwise returns when to check again. */
  const sendNext = (now: number): number | undefined => {
    const inUse = regions.inUse()
    if (!inUse) return now + MAX_SLEEP_MS
    if (inUse !== region) resetFailures()
    region = inUse
    if (now < retryAt) return retryAt
    lookedAt = now
    const followed = feed.followed()
    for (let moved = 0; moved < SLICE; moved += 1) {
      const record = schedule.takeNext(now)
      if (!record) break
      update(record, now, followed)
    }
    const batch = pickBatch({ ...options, schedule, records: cache.records(), followed, maxItems, now })
    if (batch.length === 0) return Math.min(schedule.nextAt, now + MAX_SLEEP_MS)
    sentAt = now
    void send(batch)
    return undefined
  }

  const send = async (records: readonly AppRecord[]) => {
    isSending = true
    for (const record of records) asked.add(record)
    try {
      const { items, failure } = await revalidator.revalidate(records)
      if (failure) batchFailed(records, items, failure)
      else {
        resetFailures()
        maxItems = Math.min(MAX_BATCH, maxItems * 2)
      }
    } catch (error) {
      writeDefect(error)
    }
    isSending = false
    asked.clear()
    for (const record of records) {
      endWait(record)
      if (isKnown(record)) update(record)
    }
    wake()
  }

  const batchFailed = (records: readonly AppRecord[], items: number, failure: Failure) => {
    if (failure.reason !== 'too-large') {
      failures += 1
      slowUntil = clock() + SLOW_MS
      retryAt = clock() + Math.max(growingWaitMs(failures, random), failure.retryAfterMs ?? 0)
      if (failures >= LOG_FAILURES_FROM)
        log.write('warn', 'batch', `batches fail (${failure.reason}); changes reach open sockets late`)
    } else if (items > 1) maxItems = Math.ceil(items / 2)
    else for (const record of records.slice(0, 1)) revalidator.fail(record, failure)
  }
  const resetFailures = () => {
    failures = 0
    retryAt = LONG_AGO
  }

  const startWait = (): Wait => {
    let end = () => {}
    const promise = new Promise<void>((resolve) => {
      const tooLate = timers.after(MAX_WAIT_MS, resolve)
      end = () => {
        tooLate.cancel()
        resolve()
      }
    })
    return { promise, end }
  }
  const endWait = ({ task }: AppRecord) => {
    task?.wait?.end()
    if (task) task.wait = undefined
  }

  return {
    get length() {
      return schedule.length + waiting.size
    },
    outcomes: revalidator.outcomes,

    update: place,

    remove: (record) => {
      endWait(record)
      waiting.delete(record)
      schedule.remove(record)
    },

    updateAll,

    hint(record) {
      markChanged(record, clock())
      place(record)
      sendSoon()
    },

    confirm(record) {
      markChanged(record, clock(), taskOf(record).notBefore)
      place(record)
    },

    recover() {
      resetFailures()
      recoveredAt = clock()
      updateAll()
    },

    join(record) {
      const now = clock()
      const isFull = schedule.due(RANKS.awaited).size >= maxItems
      if (closed || failures > 0 || isFull || !feed.followed()) return undefined
      const task = taskOf(record)
      if (task.notBefore > now) return undefined
      task.wait ??= startWait()
      place(record)
      sendSoon()
      return task.wait.promise
    },

    async readNow(record) {
      try {
        const { failure } = await revalidator.revalidate([record], true)
        if (isKnown(record)) place(record)
        return failure
      } catch (error) {
        writeDefect(error)
        return failed('internal')
      }
    },

    close() {
      closed = true
      timer?.cancel()
      for (const record of [...schedule.due(RANKS.awaited).keys(), ...asked]) endWait(record)
    },
  }
}
