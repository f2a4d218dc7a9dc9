import type { Region } from '../endpoint/region.ts'
import type { Failure } from '../endpoint/response.ts'
import type { RareLog } from '../log.ts'
import { LONG_AGO } from '../timers.ts'
import { growingWaitMs } from './tasks.ts'

const MAX_ITEMS = 100
/** A single failed batch is not enough. */
const BROKEN_FROM = 2

/** Whether batches work in the region in use, how large they can be, and whether to send lookups instead. */
export class BatchHealth {
  /** The most apps in a batch; the response has a limited size. */
  maxItems = MAX_ITEMS
  #region: Region | undefined
  #failures = 0
  #retryAt = LONG_AGO
  #singlesFail = false
  readonly #random: () => number
  readonly #log: RareLog

  constructor(random: () => number, log: RareLog) {
    this.#random = random
    this.#log = log
  }

  get isFailing(): boolean {
    return this.#failures > 0
  }

  get isBroken(): boolean {
    return this.#failures >= BROKEN_FROM
  }

  /** What can be sent now: a batch, or a lookup instead of it; otherwise the time of the next batch. */
  next(region: Region, now: number): 'batch' | 'single' | number {
    if (region !== this.#region) this.reset()
    this.#region = region
    if (now >= this.#retryAt) return 'batch'
    return this.isBroken && !this.#singlesFail ? 'single' : this.#retryAt
  }

  batchWorked(): void {
    this.reset()
    this.maxItems = Math.min(MAX_ITEMS, this.maxItems * 2)
  }

  batchFailed({ reason, retryAfterMs = 0 }: Failure, now: number): void {
    this.#failures += 1
    this.#singlesFail = false
    this.#retryAt = now + Math.max(growingWaitMs(this.#failures, this.#random), retryAfterMs)
    if (this.isBroken)
      this.#log.write('warn', 'batch', `batches fail (${reason}); changes reach open sockets late`)
  }

  /** Lookups fail as well: nothing is sent until the next batch. */
  singleFailed(): void {
    this.#singlesFail = true
  }

  /** The answer to so many apps was too large. */
  tooLarge(items: number): void {
    this.maxItems = Math.ceil(items / 2)
  }

  reset(): void {
    this.#failures = 0
    this.#singlesFail = false
    this.#retryAt = LONG_AGO
  }
}
