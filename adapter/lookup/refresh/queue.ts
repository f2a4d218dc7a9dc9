import type { Hint } from '../feed/page.ts'
import { LONG_AGO, NEVER, type Timer, type Timers } from '../timers.ts'
import { readBacklog } from './backlog.ts'
import { BatchHealth } from './batch-health.ts'
import type { DueTimes } from './due.ts'
import { Revalidator, type RevalidatorOptions } from './revalidator.ts'
import { Tasks } from './tasks.ts'

export type QueueOptions = DueTimes & Omit<RevalidatorOptions, 'tasks'> & { readonly timers: Timers }

/** The time between two requests, and between two reads of all apps unless an app is known to be due. */
const MIN_GAP_MS = 1_000
/** Apps can become due without a call of `wake`. */
const MAX_SLEEP_MS = 10_000
/** How long a lookup waits for the queue before it sends a request itself. */
const MAX_WAIT_MS = 1_500

type Wait = { readonly promise: Promise<void>; readonly end: () => void }

/**
 * Revalidates apps in conditional batches, with at most one request per second. There is no other revalidation, whether the
 * node follows changes or not.
 */
export class RevalidationQueue {
  /** How many apps were due, or waited for a retry, at the last check. */
  length = 0
  readonly #options: QueueOptions
  readonly #tasks = new Tasks()
  readonly #health: BatchHealth
  readonly #revalidator: Revalidator
  #idsOfUsers: () => Iterable<string> = () => []
  #users: ReadonlySet<string> = new Set()
  /** The apps that lookups wait for, until a request has asked for them. */
  readonly #awaited = new Map<string, Wait>()
  #lookedAt = LONG_AGO
  #sentAt = LONG_AGO
  #isSending = false
  #timer: Timer | undefined
  #timerAt = NEVER
  #closed = false

  constructor(options: QueueOptions) {
    this.#options = options
    this.#health = new BatchHealth(options.random, options.log)
    this.#revalidator = new Revalidator({ ...options, tasks: this.#tasks })
  }

  /** The number of revalidated apps, by outcome. */
  get outcomes(): Revalidator['outcomes'] {
    return this.#revalidator.outcomes
  }

  /** Keeps apps current that have users, such as open sockets, even if nobody looks them up. */
  keepCurrent(idsOfUsers: () => Iterable<string>): void {
    this.#idsOfUsers = idsOfUsers
    this.wake()
  }

  /** Apps may have become due. */
  wake(): void {
    this.#wakeAt(this.#lookedAt + MIN_GAP_MS)
  }

  /** An app may have changed. */
  hint({ id }: Hint): void {
    if (!this.#options.cache.peek(id) && !this.#users.has(id)) return
    this.#tasks.add(id, this.#options.clock())
    this.#sendSoon()
  }

  /** Reads a known app again at `retryAt`, to confirm its deletion. */
  confirm(id: string, retryAt: number): void {
    this.#tasks.add(id, this.#options.clock(), retryAt)
    this.wake()
  }

  /** A region is back. */
  recover(): void {
    this.#health.reset()
    this.#tasks.forgetFailures()
    this.wake()
  }

  /**
   * Revalidates a known app in the next batch, while changes are followed. Resolves after the attempt. Returns undefined if
   * the caller should send a request itself.
   */
  join(id: string): Promise<void> | undefined {
    const { clock, feed } = this.#options
    const isFull = this.#awaited.size >= this.#health.maxItems
    if (this.#closed || this.#health.isFailing || isFull) return undefined
    if (this.#tasks.retryAt(id) > clock() || !feed.followed()) return undefined
    const wait = this.#awaited.get(id) ?? this.#startWait()
    this.#awaited.set(id, wait)
    this.#sendSoon()
    return wait.promise
  }

  close(): void {
    this.#closed = true
    this.#timer?.cancel()
    this.#endWaits(this.#awaited.keys())
  }

  #startWait(): Wait {
    let end = () => {}
    const promise = new Promise<void>((resolve) => {
      const timer = this.#options.timers.after(MAX_WAIT_MS, resolve)
      end = () => {
        timer.cancel()
        resolve()
      }
    })
    return { promise, end }
  }

  #endWaits(ids: Iterable<string>): void {
    for (const id of ids) {
      this.#awaited.get(id)?.end()
      this.#awaited.delete(id)
    }
  }

  /** An app is due. */
  #sendSoon(): void {
    this.#wakeAt(this.#sentAt + MIN_GAP_MS)
  }

  #wakeAt(earliest: number): void {
    const now = this.#options.clock()
    const at = Math.max(earliest, now)
    if (this.#closed || this.#isSending || at >= this.#timerAt) return
    this.#timer?.cancel()
    this.#timerAt = at
    // Rounded up, because Node drops fractions of a millisecond.
    this.#timer = this.#options.timers.inBackground(Math.ceil(at - now), () => this.#run())
  }

  #run(): void {
    const now = this.#options.clock()
    this.#timerAt = NEVER
    try {
      const nextAt = this.#sendNext(now)
      if (nextAt !== undefined) this.#wakeAt(Math.max(nextAt, this.#lookedAt + MIN_GAP_MS))
    } catch (error) {
      // Nothing catches an error of a timer, which would end the process.
      this.#writeDefect(error)
      this.#wakeAt(now + MAX_SLEEP_MS)
    }
  }

  #writeDefect(error: unknown): void {
    this.#options.log.writeDefect('apps could not be revalidated', error)
  }

  /** Sends the next request if an app is due. Otherwise returns when to check again. */
  #sendNext(now: number): number | undefined {
    const { feed, regions } = this.#options
    const region = regions.inUse()
    if (!region) return now + MAX_SLEEP_MS
    const next = this.#health.next(region, now)
    if (typeof next === 'number') return next

    this.#lookedAt = now
    this.#users = new Set(this.#idsOfUsers())
    const { ids, length, nextDueAt } = readBacklog({
      ...this.#options,
      tasks: this.#tasks,
      users: this.#users,
      awaited: this.#awaited,
      followed: this.#health.isBroken ? undefined : feed.followed(),
      maxItems: next === 'batch' ? this.#health.maxItems : 1,
      now,
    })
    this.length = length
    if (ids.length === 0) return Math.min(nextDueAt, now + MAX_SLEEP_MS)
    this.#sentAt = now
    void this.#send(next, ids)
    return undefined
  }

  async #send(what: 'batch' | 'single', ids: readonly string[]): Promise<void> {
    this.#isSending = true
    try {
      if (what === 'batch') await this.#sendBatch(ids)
      else await this.#sendSingles(ids)
    } catch (error) {
      this.#writeDefect(error)
    }
    this.#isSending = false
    this.#endWaits(ids)
    this.wake()
  }

  async #sendSingles(ids: readonly string[]): Promise<void> {
    for (const id of ids) if (await this.#revalidator.single(id, this.#users)) this.#health.singleFailed()
  }

  async #sendBatch(ids: readonly string[]): Promise<void> {
    const { items, failure } = await this.#revalidator.batch(ids, this.#users)
    if (!failure) this.#health.batchWorked()
    else if (failure.reason !== 'too-large') this.#health.batchFailed(failure, this.#options.clock())
    else if (items > 1) this.#health.tooLarge(items)
    else for (const id of ids.slice(0, 1)) this.#revalidator.fail(id, failure)
  }
}
