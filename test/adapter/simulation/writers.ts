import type { App } from '../../../functions/apps/app.ts'
import type { Random } from '../../support/random.ts'
import { SECOND } from '../../support/virtual-time.ts'
import type { SimulatedWorld } from './simulated-world.ts'

/** Writes of tools and people to the table of apps. Two apps have the same key for 25 s at most. */
export class Writers {
  readonly #world: SimulatedWorld
  readonly #random: Random
  readonly #ids: readonly string[]
  readonly #apps = new Map<string, App>()
  #keys = 0

  /** @param apps how many ids there are; most are apps from the start */
  constructor(world: SimulatedWorld, random: Random, apps: number) {
    this.#world = world
    this.#random = random
    this.#ids = Array.from({ length: apps }, (_, i) => `app-${i}`)
    for (const id of this.#ids) if (random.chance(0.7)) this.put(id)
  }

  /** An id that an app can have. */
  anyId(): string {
    return this.#random.pick(this.#ids)
  }

  /** A key that an app has, had, or will have. */
  anyKey(): string {
    const id = this.anyId()
    const app = this.#apps.get(id)
    return app !== undefined && this.#random.chance(0.8) ? app.key : keyOf(id)
  }

  /** The current apps. */
  apps(): readonly App[] {
    return [...this.#apps.values()]
  }

  write(): void {
    const id = this.anyId()
    const app = this.#apps.get(id)
    if (app === undefined) this.put(id)
    else this.#random.pick(WAYS)(this, app, this.#random, this.#world)
  }

  /** Deletes more apps than the guard accepts, and puts them again. */
  deleteMany(): void {
    const apps = this.apps()
    for (const { id } of apps) this.delete(id)
    this.#world.time.after(this.#random.between(20 * SECOND, 200 * SECOND), () => {
      for (const app of apps) this.put(app.id, app.key)
    })
  }

  put(id: string, key = keyOf(id), enabled = true): void {
    this.restore(this.#world.appOf(id, this.#isFree(key, id) ? key : this.newKey(), enabled))
  }

  /** Writes the earlier version. */
  restore(app: App): void {
    if (!this.#isFree(app.key, app.id)) return
    this.#apps.set(app.id, app)
    this.#world.write(app.id, app)
  }

  delete(id: string): void {
    this.#apps.delete(id)
    this.#world.write(id, undefined)
  }

  /** Gives an app a key that another one has, which no tool of ours does, and a key of its own some time later. */
  shareKey(app: App): void {
    const { id } = app
    this.#world.write(id, this.#world.appOf(id, this.#random.pick(this.apps()).key, app.enabled))
    this.#apps.delete(id)
    this.#world.time.after(this.#random.between(SECOND, 25 * SECOND), () => this.put(id, this.newKey()))
  }

  newKey(): string {
    this.#keys += 1
    return `key-${this.#keys}`
  }

  #isFree(key: string, id: string): boolean {
    return this.apps().every((app) => app.id === id || app.key !== key)
  }
}

type Way = (writers: Writers, app: App, random: Random, world: SimulatedWorld) => void

const WAYS: readonly Way[] = [
  (writers, { id, key, enabled }) => writers.put(id, key, enabled),
  (writers, { id, key, enabled }) => writers.put(id, key, !enabled),
  (writers, { id, enabled }) => writers.put(id, writers.newKey(), enabled),
  (writers, { id, enabled }) => writers.put(id, writers.anyKey(), enabled),
  (writers, { id }) => writers.delete(id),
  (writers, app) => writers.shareKey(app),
  function deleteAndPut(writers, { id, key }, random, { time }) {
    writers.delete(id)
    time.after(random.between(1, 4 * SECOND), () => writers.put(id, key))
  },
  function thereAndBack(writers, app, random, { time }) {
    writers.put(app.id, app.key, !app.enabled)
    time.after(random.between(1, 40 * SECOND), () => writers.restore(app))
  },
]

const keyOf = (id: string) => `key-of-${id}`
