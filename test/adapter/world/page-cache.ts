import type { ProxyResponse } from '../../../functions/http/response.ts'
import type { VirtualTime } from '../../support/virtual-time.ts'

/** A cache that stores pages of the feed although they are `no-store`, as a CDN with a minimum TTL does. */
export class PageCache {
  readonly #time: VirtualTime
  readonly #hasAge: boolean
  readonly #stored = new Map<string, { readonly answer: ProxyResponse; readonly at: number }>()

  /** @param hasAge whether responses say how long they were stored */
  constructor(time: VirtualTime, hasAge: boolean) {
    this.#time = time
    this.#hasAge = hasAge
  }

  async answer(path: string, real: () => Promise<ProxyResponse>): Promise<ProxyResponse> {
    const stored = this.#stored.get(path)
    if (stored === undefined) {
      const answer = await real()
      if (answer.statusCode === 200) this.#stored.set(path, { answer, at: this.#time.now })
      return answer
    }
    const age = Math.floor((this.#time.now - stored.at) / 1000)
    const { answer } = stored
    return this.#hasAge ? { ...answer, headers: { ...answer.headers, age: String(age) } } : answer
  }
}
