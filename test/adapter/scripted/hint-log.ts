import type { Hint } from '../../../functions/feed/hint.ts'

/** The response to a poll. */
export type LogAnswer =
  | { readonly status: 200; readonly body: Record<string, unknown> }
  | { readonly status: 400 | 410 | 503; readonly code: string }

/** One region's change log, and the answers of its `GET /changes`. */
export class HintLog {
  /** The number of hints in a page. */
  pageSize = 1_000
  heartbeatAt: number | undefined
  #epoch = 1
  readonly #hints: Hint[] = []
  readonly #cached = new Map<string, { readonly at: number; readonly answer: LogAnswer }>()
  readonly #clock: () => number

  constructor(clock: () => number) {
    this.#clock = clock
  }

  append(hint: Hint): void {
    this.#hints.push(hint)
  }

  beat(writtenAt: number): void {
    this.heartbeatAt = Math.max(this.heartbeatAt ?? 0, writtenAt)
  }

  /** Records may have been lost: every cursor expires. */
  beginEpoch(): void {
    this.#epoch += 1
    this.#cached.clear()
  }

  /** The response, which can be one of the last second from the cache. */
  poll(since: string | null): LogAnswer {
    const now = this.#clock()
    const cached = this.#cached.get(String(since))
    if (cached !== undefined && now - cached.at < 1_000) return aged(cached.answer, now - cached.at)
    const answer = this.#read(since, now)
    this.#cached.set(String(since), { at: now, answer })
    return answer
  }

  #read(since: string | null, now: number): LogAnswer {
    if (this.heartbeatAt === undefined) return { status: 503, code: 'feed-unavailable' }
    const end = this.#hints.length
    const [, epoch, number] = /^(\d+)\.(\d+)$/.exec(since ?? `${this.#epoch}.${end}`) ?? []
    if (number === undefined) return { status: 400, code: 'invalid-request' }
    const from = Number(number)
    if (Number(epoch) !== this.#epoch || from > end) return { status: 410, code: 'cursor-expired' }
    const changes = this.#hints.slice(from, from + this.pageSize)
    const to = from + changes.length
    const heartbeatAge = Math.floor(Math.max(0, now - this.heartbeatAt) / 1000)
    const body = { changes, cursor: `${this.#epoch}.${to}`, more: to < end, heartbeatAge, age: 0 }
    return { status: 200, body }
  }
}

function aged(answer: LogAnswer, ageMs: number): LogAnswer {
  return answer.status === 200
    ? { ...answer, body: { ...answer.body, age: Math.ceil(ageMs / 1000) } }
    : answer
}
