import type { RequestKind } from '../../../adapter/lookup/request.ts'

export const EVERY_KIND: readonly RequestKind[] = ['lookup', 'batch', 'poll', 'probe']

/** One exchange of a node; `status` is 0 while there is no answer, and when there was none. */
export type Exchange = {
  readonly kind: RequestKind
  readonly region: string
  readonly sentAt: number
  status: number
}

/** What a node sends, and when that failed last. */
export class Traffic {
  readonly exchanges: Exchange[] = []
  /** When a request for apps failed last, or was answered with a failure. */
  failedAt = Number.NEGATIVE_INFINITY
  /** When a request for apps went to a region that is not the nearest. */
  elsewhereAt = Number.NEGATIVE_INFINITY
  readonly #nearest: string

  constructor(nearest: string) {
    this.#nearest = nearest
  }

  sent(exchange: Exchange): void {
    this.exchanges.push(exchange)
    const isForApps = exchange.kind === 'lookup' || exchange.kind === 'batch'
    if (isForApps && exchange.region !== this.#nearest) this.elsewhereAt = exchange.sentAt
  }

  ended({ kind, status }: Exchange, now: number): void {
    const isFailure = status === 0 || status === 429 || status >= 500
    if (kind !== 'poll' && isFailure) this.failedAt = now
  }

  /** The most exchanges of some kinds that began within any time of this length, since some moment. */
  mostWithin(windowMs: number, kinds: readonly RequestKind[], since = 0): number {
    const times = this.exchanges
      .filter(({ kind, sentAt }) => kinds.includes(kind) && sentAt >= since)
      .map(({ sentAt }) => sentAt)
    let most = 0
    for (let first = 0, last = 0; last < times.length; last += 1) {
      while ((times[last] ?? 0) - (times[first] ?? 0) >= windowMs) first += 1
      most = Math.max(most, last - first + 1)
    }
    return most
  }
}
