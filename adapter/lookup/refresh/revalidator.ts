import type { App } from '../app.ts'
import type { AppCache } from '../cache/cache.ts'
import { unfollow } from '../cache/store.ts'
import type { AskLimits, RegionalAnswer, Regions } from '../endpoint/regions.ts'
import { type BatchItem, batchRequestFor, requestFor } from '../endpoint/request.ts'
import {
  type Answer,
  type Failure,
  type Found,
  readAnswerFor,
  readBatchAnswerFor,
} from '../endpoint/response.ts'
import { logFailure } from '../failure-log.ts'
import { isFollowed } from '../feed/cursor.ts'
import type { Feed } from '../feed/feed.ts'
import type { RareLog } from '../log.ts'
import type { RevalidationOutcome } from '../stats.ts'
import type { Tasks } from './tasks.ts'

export type RevalidatorOptions = {
  readonly cache: AppCache
  readonly regions: Regions
  readonly feed: Feed
  readonly tasks: Tasks
  readonly limits: AskLimits
  readonly followedMaxMs: number
  readonly clock: () => number
  readonly random: () => number
  readonly log: RareLog
}

/** Below the contract's 64 KiB, with room for the brackets. */
const MAX_BYTES = 60_000

/** An app as it was known when the request was sent: "not modified" refers to this. */
type Asked = BatchItem & { readonly app: App | undefined; readonly wasFollowed: boolean }

type From = RegionalAnswer<unknown>

/** Revalidates known apps with conditional requests, and stores the results. No promise of it rejects. */
export class Revalidator {
  readonly outcomes: Record<RevalidationOutcome, number> = {
    unchanged: 0,
    changed: 0,
    gone: 0,
    unconfirmed: 0,
    failed: 0,
  }
  readonly #options: RevalidatorOptions

  constructor(options: RevalidatorOptions) {
    this.#options = options
  }

  /**
   * Revalidates as many of the apps as fit into one request. Resolves to their number and, if the request failed, to the
   * failure.
   */
  async batch(
    ids: readonly string[],
    users: ReadonlySet<string>,
  ): Promise<{ readonly items: number; readonly failure?: Failure }> {
    const { feed, limits, regions } = this.#options
    const asked = this.#asked(ids)
    const items = asked.map(({ id, etag }) => ({ id, etag }))
    // Apps that are followed are only renewed, which needs no consistent read.
    const consistent =
      asked.some(({ wasFollowed }) => !wasFollowed) && feed.cursorOf(regions.inUse()) !== undefined
    const from = await regions.ask(batchRequestFor(items, consistent), readBatchAnswerFor(items), limits)
    const { answer } = from
    const answers = 'value' in answer ? answer.value : []
    const failure = 'reason' in answer ? answer : failureOfAll(answers)
    if (failure) {
      this.outcomes.failed += items.length
      return { items: items.length, failure }
    }
    if (consistent && isReadOtherwise(answers)) feed.recordNotConsistent()
    for (const [i, one] of answers.entries()) this.#take(asked[i], one, from, users)
    return { items: items.length }
  }

  /** Revalidates one app by a lookup. Resolves to whether the lookup failed for a reason that concerns other apps too. */
  async single(id: string, users: ReadonlySet<string>): Promise<boolean> {
    const { limits, regions } = this.#options
    const [asked] = this.#asked([id])
    const etag = asked?.etag
    const from = await regions.ask(requestFor('id', id, etag), readAnswerFor('id', id, etag), limits)
    this.#take(asked, from.answer, from, users)
    return from.answer.outcome === 'failed' || from.answer.outcome === 'denied'
  }

  /** One app could not be read. */
  fail(id: string, failure?: Failure): void {
    const { tasks, clock, random, log } = this.#options
    if (failure) logFailure(log, 'id', id, failure)
    this.outcomes.failed += 1
    tasks.fail(id, clock(), random)
  }

  #asked(ids: readonly string[]): Asked[] {
    const { cache, clock, feed } = this.#options
    const asked: Asked[] = []
    let bytes = 0
    for (const id of ids) {
      const entry = cache.peek(id)
      const item = { id, etag: entry?.etag }
      bytes += Buffer.byteLength(JSON.stringify(item)) + 1
      if (bytes > MAX_BYTES && asked.length > 0) break
      asked.push({
        ...item,
        app: entry?.app,
        wasFollowed: isFollowed(entry?.followed, feed.followed(), clock()),
      })
    }
    return asked
  }

  /** An error with one app must not affect the others. */
  #take(asked: Asked | undefined, answer: Answer<Found>, from: From, users: ReadonlySet<string>): void {
    if (!asked) return
    try {
      if ('reason' in answer) this.fail(asked.id, answer)
      else if (asked.wasFollowed && !answer.consistent) this.#renew(asked.id, answer, from.sentAt)
      else if (answer.outcome === 'found') this.#takeFound(asked, answer, from)
      else this.#takeNotFound(asked.id, answer, from, users)
    } catch (error) {
      this.#options.log.writeDefect('an app could not be revalidated', error)
      this.fail(asked.id)
    }
  }

  /**
   * A read that is not consistent can be older than what is known. If the app is unchanged, and no hint came since, it stays
   * followed. Otherwise the result is ignored, and the app is read consistently.
   */
  #renew(id: string, answer: Exclude<Answer<Found>, Failure>, sentAt: number): void {
    const { cache, tasks, clock, followedMaxMs } = this.#options
    const entry = cache.peek(id)
    if (!entry) return
    if (entry.followed && answer.outcome === 'found' && answer.value === 'unchanged') {
      entry.followed = { ...entry.followed, until: sentAt - answer.ageMs + followedMaxMs }
      this.outcomes.unchanged += 1
      tasks.done(id, sentAt)
    } else {
      unfollow(entry, clock())
      tasks.add(id, clock())
    }
  }

  #takeFound(asked: Asked, answer: Extract<Answer<Found>, { outcome: 'found' }>, from: From): void {
    const { cache, feed, tasks } = this.#options
    const { id, app, etag } = asked
    const found = answer.value === 'unchanged' ? app && { app, etag } : answer.value
    if (!found) {
      this.fail(id)
      return
    }
    const followed = answer.consistent ? feed.follow(id, from) : undefined
    const entry = cache.found('id', { ...found, readAt: from.sentAt - answer.ageMs }, followed)
    this.outcomes[entry?.app === app ? 'unchanged' : 'changed'] += 1
    tasks.done(id, from.sentAt)
  }

  #takeNotFound(
    id: string,
    answer: Extract<Answer<Found>, { outcome: 'not-found' }>,
    { sentAt, isNearest, region }: From,
    users: ReadonlySet<string>,
  ): void {
    const { cache, feed, tasks, clock } = this.#options
    const readAt = sentAt - answer.ageMs
    const notFound = { readAt, isNearest, consistent: answer.consistent === true }
    const followed = feed.followNegative('id', id, readAt, region)
    const { gone, retryAt } = cache.idNotFound(id, notFound, clock(), followed, users.has(id))
    this.outcomes[gone ? 'gone' : 'unconfirmed'] += 1
    tasks.done(id, sentAt)
    if (!gone) tasks.add(id, clock(), retryAt)
  }
}

/** Why a batch failed, if no app of it was read. Invalid items are no failure of the batch. */
function failureOfAll(answers: readonly Answer<Found>[]): Failure | undefined {
  const [first] = answers
  return first?.outcome === 'failed' && answers.every(({ outcome }) => outcome === 'failed')
    ? first
    : undefined
}

/** Whether apps were read, but none consistently: an older endpoint ignores that option. */
function isReadOtherwise(answers: readonly Answer<Found>[]): boolean {
  const read = answers.flatMap((answer) => ('reason' in answer ? [] : [answer.consistent]))
  return read.length > 0 && !read.includes(true)
}
