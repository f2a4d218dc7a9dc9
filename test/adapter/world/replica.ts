import type { App } from '../../../functions/apps/app.ts'
import type { Random } from '../../support/random.ts'
import type { VirtualTime } from '../../support/virtual-time.ts'

/** A change of one item; undefined if it was deleted. */
export type Change = {
  readonly id: string
  readonly before: App | undefined
  readonly after: App | undefined
  readonly at: number
}

export type ReplicaTimes = {
  /** The largest delay of an eventually consistent read, in ms. */
  readonly readLagMs: number
  /** The largest delay of the index by key, in ms. */
  readonly indexLagMs: number
}

/** One region's replica of the table of apps, with its history. */
export class Replica {
  readonly #time: VirtualTime
  readonly #random: Random
  readonly #times: ReplicaTimes
  readonly #changes = new Map<string, Change[]>()
  /** The index by key: the last version in the index of each item that has the key there. */
  readonly #indexed = new Map<string, Map<string, App>>()
  readonly #keys = new Map<string, string>()
  readonly #indexedAt = new Map<string, number>()
  readonly #listeners: ((change: Change) => void)[] = []

  constructor(time: VirtualTime, random: Random, times: ReplicaTimes) {
    this.#time = time
    this.#random = random
    this.#times = times
  }

  /** The changes of an item, oldest first. Before the first, it did not exist. */
  changesOf(id: string): readonly Change[] {
    return this.#changes.get(id) ?? []
  }

  /** The changes of each item. */
  allChanges(): Iterable<readonly Change[]> {
    return this.#changes.values()
  }

  onChange(listener: (change: Change) => void): void {
    this.#listeners.push(listener)
  }

  write(id: string, app: App | undefined): void {
    const changes = this.#changes.get(id) ?? []
    const before = changes.at(-1)?.after
    if (before === undefined && app === undefined) return
    const change = { id, before, after: app, at: this.#time.now }
    changes.push(change)
    this.#changes.set(id, changes)
    this.#index(id, app)
    for (const listener of this.#listeners) listener(change)
  }

  /** GetItem. */
  findById(id: string, isConsistent: boolean): App | undefined {
    const lagMs = isConsistent ? 0 : this.#random.between(-1, 1) * this.#times.readLagMs
    const at = this.#time.now - Math.max(0, lagMs)
    return this.changesOf(id).findLast((change) => change.at <= at)?.after
  }

  /** Query of the index by key. */
  findByKey(key: string): App[] {
    return [...(this.#indexed.get(key)?.values() ?? [])]
  }

  /** The changes of one item reach the index in their order. */
  #index(id: string, app: App | undefined): void {
    const lagMs = this.#times.indexLagMs * this.#random.next() ** 2
    const at = Math.max(this.#time.now + lagMs, this.#indexedAt.get(id) ?? 0)
    this.#indexedAt.set(id, at)
    this.#time.at(at, () => {
      this.#indexed.get(this.#keys.get(id) ?? '')?.delete(id)
      if (app === undefined) return
      this.#keys.set(id, app.key)
      const apps = this.#indexed.get(app.key) ?? new Map<string, App>()
      this.#indexed.set(app.key, apps.set(id, app))
    })
  }
}
