import { LruMap } from './lru-map.ts'
import type { Region } from './region.ts'
import type { By } from './request.ts'

/** How far apart a region that is not the nearest must say twice that there is no such app. */
const CONFIRM_MS = 60_000

type FirstAnswer = { readonly region: Region; readonly readAt: number }

/**
 * Negative answers of regions that are not the nearest. Their tables may lag behind: an app that was created or moved
 * a moment ago is missing there, and a client that is told so never returns.
 */
export class FailoverNegatives {
  readonly #first: LruMap<string, FirstAnswer>

  constructor(lookupsPerSecond: number) {
    this.#first = new LruMap(Math.ceil((lookupsPerSecond * CONFIRM_MS) / 1000))
  }

  /** Takes an answer in; returns whether this region has said so long enough to be believed. */
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
