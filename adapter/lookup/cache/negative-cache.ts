import type { By } from '../endpoint/request.ts'
import { type Followed, followedUntil } from '../feed/cursor.ts'
import { hashOfKey } from '../feed/page.ts'
import { LruMap } from '../lru-map.ts'
import { LONG_AGO } from '../timers.ts'

/** There is no app with this name. `hash` is present while the answer is followed, so that a hint of the key finds it. */
type Negative = { readonly readAt: number; followed: Followed | undefined; readonly hash?: string }

/**
 * Negative answers by id and by key. They are separate from the apps, so that lookups of names that don't exist evict no
 * app.
 */
export class NegativeCache {
  readonly #ttlMs: number
  readonly #answers: Readonly<Record<By, LruMap<string, Negative>>>
  /** The keys of followed negative answers, by the hash that a hint has of them. */
  readonly #keyOfHash = new Map<string, string>()

  constructor(ttlMs: number, maxAnswers: number) {
    this.#ttlMs = ttlMs
    this.#answers = {
      id: new LruMap(maxAnswers),
      key: new LruMap(maxAnswers, (_, answer) => this.#forgetHash(answer)),
    }
  }

  get size(): number {
    return this.#answers.id.size + this.#answers.key.size
  }

  /** Whether there is a valid negative answer for this name. */
  holds(by: By, name: string, now: number): boolean {
    const answer = this.#answers[by].use(name)
    return answer !== undefined && (now < answer.readAt + this.#ttlMs || now < followedUntil(answer.followed))
  }

  /** When the last negative answer for this name was read, even if it has expired. */
  readAt(by: By, name: string): number {
    return this.#answers[by].peek(name)?.readAt ?? LONG_AGO
  }

  put(by: By, name: string, readAt: number, followed?: Followed): void {
    const before = this.#answers[by].peek(name)
    if (before && before.readAt > readAt) return
    const answer = { readAt, followed, ...(by === 'key' && followed && { hash: hashOfKey(name) }) }
    this.#forgetHash(before)
    this.#answers[by].set(name, answer)
    if (answer.hash !== undefined) this.#keyOfHash.set(answer.hash, name)
  }

  /** The app exists, read at `readAt`. After an older reading, the answer is only not followed any more. */
  contradict(by: By, name: string, readAt: number): void {
    const answer = this.#answers[by].peek(name)
    if (!answer) return
    answer.followed = undefined
    this.#forgetHash(answer)
    if (answer.readAt <= readAt) this.#answers[by].delete(name)
  }

  /** A hint has named an app: negative answers for its id and for its keys are not followed any more. */
  unfollow(id: string, hashes: readonly string[] | undefined): void {
    const answer = this.#answers.id.peek(id)
    if (answer) answer.followed = undefined
    for (const hash of hashes ?? [...this.#keyOfHash.keys()]) {
      const answerByKey = this.#answers.key.peek(this.#keyOfHash.get(hash) ?? '')
      if (!answerByKey) continue
      answerByKey.followed = undefined
      this.#forgetHash(answerByKey)
    }
  }

  #forgetHash(answer: Negative | undefined): void {
    if (answer?.hash !== undefined) this.#keyOfHash.delete(answer.hash)
  }
}
