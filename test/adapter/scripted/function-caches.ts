import type { Random } from '../../support/random.ts'
import type { VersionedApp } from './versioned-table.ts'

/** The result of a function, and its age in seconds. */
export type Found = { readonly app: VersionedApp | undefined; readonly age: number }

type Reading = { readonly app: VersionedApp | undefined; readonly readAt: number }

const TTL_MS = { app: 10_000, none: 2_000 }
const ENVIRONMENTS = [0, 1, 2]

/** The caches of the endpoint's functions: one for each environment, and any environment can respond. */
export class FunctionCaches {
  readonly #readings = new Map<string, Reading>()
  readonly #clock: () => number
  readonly #random: Random

  constructor(clock: () => number, random: Random) {
    this.#clock = clock
    this.#random = random
  }

  find(by: 'id' | 'key', name: string, bypass: boolean, read: () => VersionedApp | undefined): Found {
    const now = this.#clock()
    const place = `${this.#random.pick(ENVIRONMENTS)} ${by} ${name}`
    const cached = this.#readings.get(place)
    if (cached !== undefined && !bypass && now - cached.readAt < TTL_MS[cached.app ? 'app' : 'none'])
      return { app: cached.app, age: Math.ceil((now - cached.readAt) / 1000) }
    const app = read()
    this.#readings.set(place, { app, readAt: now })
    return { app, age: 0 }
  }
}
