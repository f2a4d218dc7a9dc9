import type { App } from '../app.ts'
import type { AppCache } from '../cache/cache.ts'
import { type AppRecord, follow, taskOf, unfollow } from '../cache/record.ts'
import { logFailure } from '../endpoint/failure-log.ts'
import type { AskLimits, RegionalResponse, Regions } from '../endpoint/regions.ts'
import { type BatchItem, batchRequestFor } from '../endpoint/request.ts'
import { type Failure, type FoundApp, type ReadResponse, readBatchResponseFor } from '../endpoint/response.ts'
import { followedWith, isFollowed } from '../feed/cursor.ts'
import type { Feed } from '../feed/feed.ts'
import type { RareLog } from '../log.ts'
import type { RevalidationOutcome } from '../stats.ts'
import { LONG_AGO, NEVER } from '../timers.ts'

export type RevalidatorOptions = {
  readonly cache: AppCache
  readonly regions: Regions
  readonly feed: Feed
  readonly limits: AskLimits
  readonly followedMaxMs: number
  readonly clock: () => number
  readonly random: () => number
  readonly log: RareLog
}

/** Revalidates known apps with conditional requests, and stores the results. */
export type Revalidator = {
  readonly outcomes: Record<RevalidationOutcome, number>
  /**
   * Revalidates as many of the apps as fit into one request. Resolves to their number and, if the request failed, to the
   * failure. Never rejects.
   * @param isUrgent whether to read them consistently in any case
   */
  revalidate(
    records: readonly AppRecord[],
    isUrgent?: boolean,
  ): Promise<{ readonly items: number; readonly failure?: Failure | undefined }>
  /** One app could not be read. */
  fail(record: AppRecord, failure?: Failure): void
}

/** Below the contract's 64 KiB, with room for the brackets. */
const MAX_BYTES = 60_000
const RETRY_MS = 1_000
const MAX_RETRY_MS = 60_000

/** How long to wait after so many failures in a row, with jitter. */
export const growingWaitMs = (failures: number, random: () => number): number =>
  Math.min(MAX_RETRY_MS, RETRY_MS * 2 ** (failures - 1)) * (0.5 + random() / 2)

/** The app is due, whatever its age: now or at `notBefore`. */
export function markChanged(record: AppRecord, now: number, notBefore = LONG_AGO): void {
  const task = taskOf(record)
  task.dueSince = Math.min(task.dueSince, now)
  task.changedAt = now
  task.notBefore = notBefore
}

/** An app as it was known when the request was sent: "not modified" refers to this. */
type SentItem = {
  readonly record: AppRecord
  readonly item: BatchItem
  readonly app: App | undefined
  readonly wasFollowed: boolean
}

type From = RegionalResponse<unknown>
type FoundResult = Extract<ReadResponse<FoundApp>, { outcome: 'found' }>
type NotFoundResult = Extract<ReadResponse<FoundApp>, { outcome: 'not-found' }>

export function createRevalidator(options: RevalidatorOptions): Revalidator {
  const { cache, regions, feed, limits, followedMaxMs, clock, random, log } = options
  const outcomes = { unchanged: 0, changed: 0, gone: 0, unconfirmed: 0, failed: 0 }

  /** It goes to the end of the queue, so that it holds up no other app. */
  const fail = (record: AppRecord, failure?: Failure) => {
    if (failure) logFailure(log, 'id', record.id, failure)
    outcomes.failed += 1
    const task = taskOf(record)
    task.failures += 1
    task.isUnconfirmed = false
    task.dueSince = NEVER
    markChanged(record, clock(), clock() + growingWaitMs(task.failures, random))
  }

  const describe = (records: readonly AppRecord[]): SentItem[] => {
    const [now, followed] = [clock(), feed.followed()]
    return records.map((record) => {
      const { id, etag, app } = record
      return { record, item: { id, etag }, app, wasFollowed: isFollowed(record.followed, followed, now) }
    })
  }

  /** An error with one app must not affect the others. */
  const take = (sent: SentItem, result: ReadResponse<FoundApp>, from: From) => {
    try {
      if ('reason' in result) fail(sent.record, result)
      else if (sent.wasFollowed && !result.consistent) renew(sent.record, result, from.sentAt)
      else if (result.outcome === 'found') takeFound(sent, result, from)
      else takeNotFound(sent.record, result, from)
    } catch (error) {
      log.writeDefect('an app could not be revalidated', error)
      fail(sent.record)
    }
  }

  /**
   * A read that is not consistent can be older than what is known. If the app is unchanged, and no hint came since, it stays
   * followed. Otherwise the result is ignored, and the app is read consistently.
   */
  const renew = (record: AppRecord, result: FoundResult | NotFoundResult, sentAt: number) => {
    const { followed } = record
    if (followed && result.outcome === 'found' && result.value === 'unchanged') {
      follow(record, followedWith(followed.cursor, sentAt - result.ageMs + followedMaxMs))
      outcomes.unchanged += 1
      settle(record, sentAt)
    } else {
      unfollow(record, clock())
      markChanged(record, clock())
    }
  }

  const takeFound = ({ record, item, app }: SentItem, result: FoundResult, from: From) => {
    const found = result.value === 'unchanged' ? app && { app, etag: item.etag } : result.value
    if (!found) return fail(record)
    const followed = result.consistent ? feed.follow(record.id, from) : undefined
    const stored = cache.found(
      'id',
      { ...found, readAt: from.sentAt - result.ageMs },
      followed,
      from.isNearest,
    )
    outcomes[stored?.app === app ? 'unchanged' : 'changed'] += 1
    settle(record, from.sentAt)
  }

  const takeNotFound = (record: AppRecord, result: NotFoundResult, from: From) => {
    const readAt = from.sentAt - result.ageMs
    const notFound = { readAt, isNearest: from.isNearest, consistent: result.consistent === true }
    const followed = feed.followNegative('id', record.id, readAt, from.region)
    const { gone, retryAt } = cache.idNotFound(record.id, notFound, clock(), followed)
    outcomes[gone ? 'gone' : 'unconfirmed'] += 1
    if (gone) return
    const task = taskOf(record)
    task.failures = 0
    task.dueSince = NEVER
    markChanged(record, clock(), retryAt)
  }

  return {
    outcomes,
    fail,
    async revalidate(records, isUrgent = false) {
      let sent = describe(records)
      while (sent.length > 1 && bytesOf(sent) > MAX_BYTES) sent = sent.slice(0, sent.length / 2)
      const items = sent.map(({ item }) => item)
      // Apps that are followed are only renewed, which needs no consistent read.
      const canFollow = feed.cursorOf(regions.inUse()) !== undefined
      const consistent = isUrgent || (canFollow && sent.some(({ wasFollowed }) => !wasFollowed))
      const from = await regions.ask(batchRequestFor(items, consistent), readBatchResponseFor(items), limits)
      const results = 'value' in from.response ? from.response.value : []
      const failure = 'reason' in from.response ? from.response : failureOfAll(results)
      if (failure) {
        outcomes.failed += items.length
        return { items: items.length, failure }
      }
      if (consistent && isReadOtherwise(results)) feed.recordNotConsistent()
      // Apps that were found first: they are witnesses for the deletion of others.
      const pairs = sent.map((one, i) => ({ one, result: results[i] as ReadResponse<FoundApp> }))
      for (const isFound of [true, false])
        for (const { one, result } of pairs)
          if ((result.outcome === 'found') === isFound) take(one, result, from)
      return { items: items.length }
    },
  }
}

const bytesOf = (sent: readonly SentItem[]): number =>
  Buffer.byteLength(JSON.stringify(sent.map(({ item }) => item)))

/** The app was read by a request that was sent at `sentAt`; a hint that came later is still to be followed up. */
function settle(record: AppRecord, sentAt: number): void {
  const { task } = record
  if (!task) return
  const isPending = task.changedAt >= sentAt
  task.failures = 0
  task.notBefore = LONG_AGO
  task.isUnconfirmed = false
  task.dueSince = isPending ? task.changedAt : NEVER
  if (!isPending && !task.absence && !task.wait && !task.isContested) record.task = undefined
}

/** Why a batch failed, if no app of it was read. Invalid items are no failure of the batch. */
function failureOfAll(results: readonly ReadResponse<FoundApp>[]): Failure | undefined {
  const [first] = results
  return first?.outcome === 'failed' && results.every(({ outcome }) => outcome === 'failed')
    ? first
    : undefined
}

/** Whether apps were read, but none consistently: an older endpoint ignores that option. */
function isReadOtherwise(results: readonly ReadResponse<FoundApp>[]): boolean {
  const read = results.flatMap((result) => ('reason' in result ? [] : [result.consistent]))
  return read.length > 0 && !read.includes(true)
}
