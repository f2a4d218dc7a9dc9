import { type App, type AppLookup, AppLookupUnavailableError, type LookupHints } from '../lookup/index.ts'
import type { Behaviour } from './node-settings.ts'
import { createSignatureCheck } from './signature-check.ts'
import type { Server, SoketiApp, SoketiAppClass } from './soketi.ts'
import { createSoketiApp } from './soketi-app.ts'
import { createWaitingRoom } from './waiting-room.ts'

/** Apps by key; null if no app has the key. */
export type KnownApps = ReadonlyMap<string, SoketiApp | null>

/** What was rejected because a lookup failed. */
export type Rejected = 'websocket' | 'http' | 'webhook'

/** soketi's app manager, on the lookup endpoint. */
export class HttpAppManager {
  readonly lookup: AppLookup
  readonly behaviour: Behaviour
  readonly waitingRoom = createWaitingRoom(this)
  readonly signatures = createSignatureCheck(this)
  /** Counters since the start. */
  readonly rejected: Record<Rejected, number> = { websocket: 0, http: 0, webhook: 0 }
  readonly #server: Server
  readonly #SoketiApp: SoketiAppClass
  /** The lookup returns the same object while the app is unchanged. */
  readonly #soketiApps = new WeakMap<App, SoketiApp>()
  #known: KnownApps | undefined

  constructor(server: Server, SoketiApp: SoketiAppClass, lookup: AppLookup, behaviour: Behaviour) {
    this.#server = server
    this.#SoketiApp = SoketiApp
    this.lookup = lookup
    this.behaviour = behaviour
  }

  /**
   * The app with this id, or null if it does not exist.
   * @throws AppLookupUnavailableError if the lookup failed.
   */
  async findById(id: string, hints?: LookupHints): Promise<SoketiApp | null> {
    const app = await this.lookup.findById(id, hints)
    return app ? this.toSoketi(app) : null
  }

  /**
   * The app with this key, or null if it does not exist.
   * @throws AppLookupUnavailableError if the lookup failed.
   */
  async findByKey(key: string, hints?: LookupHints): Promise<SoketiApp | null> {
    const known = this.#known?.get(key)
    if (known !== undefined) return known
    const app = await this.lookup.findByKey(key, hints)
    return app ? this.toSoketi(app) : null
  }

  /** The app's secret, or null if the app does not exist; part of soketi's interface. */
  async getAppSecret(id: string): Promise<string | null> {
    return (await this.findById(id))?.secret ?? null
  }

  /** soketi's app for a looked-up app; the same object for the same app. */
  toSoketi(app: App): SoketiApp {
    let soketiApp = this.#soketiApps.get(app)
    if (!soketiApp) {
      soketiApp = createSoketiApp(this.#SoketiApp, app, this.#server)
      this.#soketiApps.set(app, soketiApp)
    }
    return soketiApp
  }

  /** Calls `call`; while it runs, and until its first await, `findByKey` returns what is in `known`. */
  withKnown<Result>(known: KnownApps, call: () => Result): Result {
    const before = this.#known
    this.#known = known
    try {
      return call()
    } finally {
      this.#known = before
    }
  }
}

/** After how many whole seconds to retry after this error. */
export function retryAfterSeconds(error: unknown): number {
  const ms = error instanceof AppLookupUnavailableError ? (error.retryAfterMs ?? 0) : 0
  return Math.max(1, Math.ceil(ms / 1000))
}
