import type { Region } from '../endpoint/region.ts'
import type { By } from '../endpoint/request.ts'
import { LruMap } from '../lru-map.ts'

/** The time after which a region that is not the nearest must repeat a not-found answer. */
const CONFIRM_MS = 60_000

type FirstAnswer = { readonly region: Region; readonly readAt: number }

/**
 * Negative answers of regions that are not the nearest. Their tables can lag behind, so that a new app is missing there,
 * and a client that is told so does not reconnect.
 */
export class FailoverNegatives {
  readonly #first: LruMap<string, FirstAnswer>

  constructor(lookupsPerSecond: number) {
    this.#first = new LruMap(Math.ceil((lookupsPerSecond * CONFIRM_MS) / 1000))
  }

  /** Records an answer; returns whether this region has repeated it for long enough. */
  confirms(by: By, name: string, { region, readAt }: FirstAnswer): boolean {
    const first = this.#first.use(`${by} ${name}`)
    if (first?.region === region) return readAt - first.readAt >= CONFIRM_MS
    this.#first.set(`${by} ${name}`, { region, readAt })
    return false
  }

  /** The app was found. */
  forget(by: By, name: string): void {
    this.#first.delete(`${by} ${name}`)
  }
}
