import { type App, type AppLookup, AppLookupUnavailableError, type LookupHints } from '../lookup/index.ts'
import type { Behaviour } from './node-settings.ts'
import type { Server, SoketiApp, SoketiAppClass } from './soketi.ts'
import { createSoketiApp } from './soketi-app.ts'

/** Answers by key that are known already; null is a key that no app has. */
export type KnownAnswers = ReadonlyMap<string, SoketiApp | null>

/** Who was rejected because an app could not be looked up. */
export type Rejected = 'websocket' | 'http' | 'webhook'

/** soketi's app manager, on the lookup endpoint. */
export class HttpAppManager {
  readonly lookup: AppLookup
  readonly behaviour: Behaviour
  /** Counters since the start. */
  readonly rejected: Record<Rejected, number> = { websocket: 0, http: 0, webhook: 0 }
  readonly #server: Server
  readonly #SoketiApp: SoketiAppClass
  /** The lookup hands out one object as long as the app is the same. */
  readonly #soketiApps = new WeakMap<App, SoketiApp>()
  #known: KnownAnswers | undefined

  constructor(server: Server, SoketiApp: SoketiAppClass, lookup: AppLookup, behaviour: Behaviour) {
    this.#server = server
    this.#SoketiApp = SoketiApp
    this.lookup = lookup
    this.behaviour = behaviour
  }

  /**
   * The app with this id, or null when there is none.
   * @throws AppLookupUnavailableError when it could not be known.
   */
  async findById(id: string, hints?: LookupHints): Promise<SoketiApp | null> {
    const app = await this.lookup.findById(id, hints)
    return app ? this.toSoketi(app) : null
  }

  /**
   * The app with this key, or null when there is none.
   * @throws AppLookupUnavailableError when it could not be known.
   */
  async findByKey(key: string, hints?: LookupHints): Promise<SoketiApp | null> {
    const known = this.#known?.get(key)
    if (known !== undefined) return known
    const app = await this.lookup.findByKey(key, hints)
    return app ? this.toSoketi(app) : null
  }

  /** The app's secret, or null when there is no such app; part of soketi's contract. */
  async getAppSecret(id: string): Promise<string | null> {
    return (await this.findById(id))?.secret ?? null
  }

  /** soketi's app of a looked-up one; the same object for the same one. */
  toSoketi(app: App): SoketiApp {
    let soketiApp = this.#soketiApps.get(app)
    if (!soketiApp) {
      soketiApp = createSoketiApp(this.#SoketiApp, app, this.#server)
      this.#soketiApps.set(app, soketiApp)
    }
    return soketiApp
  }

  /** Calls `call`; while it runs, and until its first await, `findByKey` answers from `known`. */
  answering<Result>(known: KnownAnswers, call: () => Result): Result {
    const before = this.#known
    this.#known = known
    try {
      return call()
    } finally {
      this.#known = before
    }
  }
}

/** In how many whole seconds a caller that got this error should ask again. */
export function retryAfterSeconds(error: unknown): number {
  const ms = error instanceof AppLookupUnavailableError ? (error.retryAfterMs ?? 0) : 0
  return Math.max(1, Math.ceil(ms / 1000))
}
