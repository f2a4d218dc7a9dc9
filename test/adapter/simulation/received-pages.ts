import type { Fault, HttpResponse } from '../../../adapter/lookup/endpoint/endpoint.ts'
import type { Request } from '../../../adapter/lookup/endpoint/request.ts'

/** The pages of the feed that a node has received since its start. */
export class ReceivedPages {
  readonly #bodies = new Map<string, string>()
  /** When the last page came, or was stored by a cache that says so. */
  lastAt = Number.NEGATIVE_INFINITY
  /** When a page came that is different from the last response to the same request. */
  lastNewAt = Number.NEGATIVE_INFINITY

  add({ kind, path }: Request, response: HttpResponse | Fault, now: number): void {
    if (kind !== 'poll' || !('status' in response) || response.status !== 200) return
    const { headers, body } = response
    this.lastAt = Math.max(this.lastAt, now - 1_000 * Number(headers.age ?? 0))
    if (this.#bodies.get(path) !== body) this.lastNewAt = now
    this.#bodies.set(path, body)
  }
}
