import type { RequestKind } from '../../../adapter/lookup/endpoint/request.ts'

export const EVERY_KIND: readonly RequestKind[] = ['lookup', 'batch', 'poll', 'probe']

/** A request of a node; `status` is 0 without a response. */
export type Exchange = {
  readonly kind: RequestKind
  readonly region: string
  readonly sentAt: number
  status: number
}

/** The requests of a node, and when they failed last. */
export class RequestHistory {
  readonly exchanges: Exchange[] = []
  /** When a request for apps last failed. */
  failedAt = Number.NEGATIVE_INFINITY
  /** When a request for apps was last sent to a region that is not the nearest. */
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
    if (kind !== 'poll' && isFailure) this.failedAt = Math.max(this.failedAt, now)
  }

  /** Makes failures this much later. */
  delay(ms: number): void {
    this.failedAt += ms
    this.elsewhereAt += ms
  }

  /** The maximum number of requests of some kinds within this length of time, since a time. */
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
