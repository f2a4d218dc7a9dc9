import { type App, type AppLookup, AppLookupUnavailableError, type LookupHints } from '../lookup/index.ts'
import { hintsOfSocket } from './hints.ts'
import type { Behaviour } from './node-settings.ts'
import type { Socket, SoketiApp } from './soketi.ts'

/** After 4100, Pusher clients reconnect. After 4200, they would do so at once and without end. */
export const TRY_AGAIN = {
  event: 'pusher:error',
  data: { code: 4100, message: 'The app could not be looked up. Please try again.' },
}

/**
 * How long a client waits at most, from when it connected. pusher-js reports `unavailable` after 10 s, and
 * pusher-java-client stops for good after 7 attempts, so they should be long.
 */
const MAX_WAIT_MS = 7_000
/** Clients that connected together are rejected over this time, so that they do not reconnect together. */
const MAX_JITTER_MS = 1_000
/** How often waiting keys are looked up while a region answers. */
const RETRY_MS = 500
/** In an outage, keys that no app has can't be told from others. */
const MAX_KEYS = 1_000
/** How many clients are connected in one turn of the event loop. */
const CONNECTED_AT_ONCE = 50

/** The part of the app manager that is used. */
type Apps = {
  readonly lookup: AppLookup
  readonly behaviour: Behaviour
  readonly rejected: { websocket: number }
  findByKey(key: string, hints: LookupHints): Promise<SoketiApp | null>
  toSoketi(app: App): SoketiApp
}

/** A socket whose app is not known yet. */
type Opening = {
  readonly settle: (app: SoketiApp | null) => void
  readonly timeout: NodeJS.Timeout
}

/**
 * Where clients wait whose app can't be looked up: as soon as a region answers, their keys are looked up again. Clients
 * that have waited too long, or for whom there is no place, are rejected with 4100.
 */
export class WaitingRoom {
  readonly #apps: Apps
  readonly #opening = new Map<Socket, Opening>()
  /** The sockets that wait, by key. */
  readonly #waiting = new Map<string, Set<Socket>>()
  #size = 0
  #isServing = false
  #isClosed = false

  constructor(apps: Apps) {
    this.#apps = apps
  }

  /** How many sockets wait. */
  get size(): number {
    return this.#size
  }

  /** The app of a socket that opens, or null if it does not exist; never settles if the socket closes before. */
  appOf(socket: Socket): Promise<SoketiApp | null> {
    const jitterMs = Math.random() * Math.min(this.#apps.behaviour.rejectionJitterMs, MAX_JITTER_MS)
    return new Promise((settle) => {
      const timeout = setTimeout(() => this.#reject(socket), MAX_WAIT_MS - jitterMs)
      this.#opening.set(socket, { settle, timeout })
      this.#apps.findByKey(socket.appKey, hintsOfSocket(socket)).then(
        (app) => this.leave(socket)?.settle(app),
        (error: unknown) => (this.#hasPlace(socket, error) ? this.#wait(socket) : this.#reject(socket)),
      )
    })
  }

  /** Forgets a socket, if it is known. */
  leave(socket: Socket): Opening | undefined {
    const opening = this.#opening.get(socket)
    if (!opening) return undefined
    clearTimeout(opening.timeout)
    this.#opening.delete(socket)
    const sockets = this.#waiting.get(socket.appKey)
    if (sockets?.delete(socket)) this.#size -= 1
    if (sockets?.size === 0) this.#waiting.delete(socket.appKey)
    return opening
  }

  /** Rejects every socket whose app is not known. */
  close(): void {
    this.#isClosed = true
    for (const socket of [...this.#opening.keys()]) this.#reject(socket)
  }

  /** Half of the places are for other keys than the most wanted one. */
  #hasPlace({ appKey }: Socket, error: unknown): boolean {
    const isBeyondRate = error instanceof AppLookupUnavailableError && error.code === 'too-many-unknown'
    const { maxWaitingSockets } = this.#apps.behaviour
    if (this.#isClosed || isBeyondRate || this.#size >= maxWaitingSockets) return false
    const sockets = this.#waiting.get(appKey)
    return sockets ? sockets.size < maxWaitingSockets / 2 : this.#waiting.size < MAX_KEYS
  }

  #wait(socket: Socket): void {
    if (!this.#opening.has(socket)) return
    const sockets = this.#waiting.get(socket.appKey)
    if (sockets) sockets.add(socket)
    else this.#waiting.set(socket.appKey, new Set([socket]))
    this.#size += 1
    if (!this.#isServing) void this.#serve()
  }

  #reject(socket: Socket): void {
    if (!this.leave(socket)) return
    this.#apps.rejected.websocket += 1
    socket.sendJson(TRY_AGAIN)
    socket.end(TRY_AGAIN.data.code)
  }

  /** Runs while sockets wait. */
  async #serve(): Promise<void> {
    const { lookup } = this.#apps
    this.#isServing = true
    while (this.#size > 0) {
      if (!(await lookup.whenAnswering(RETRY_MS))) continue
      await this.#connect(await lookup.findByKeys([...this.#waiting.keys()]))
      if (this.#size > 0) await new Promise((resolve) => setTimeout(resolve, RETRY_MS))
    }
    this.#isServing = false
  }

  async #connect(found: ReadonlyMap<string, App | undefined>): Promise<void> {
    const sockets = [...found.keys()].flatMap((key) => [...(this.#waiting.get(key) ?? [])])
    for (const socket of sockets) clearTimeout(this.#opening.get(socket)?.timeout)
    for (const [index, socket] of sockets.entries()) {
      const app = found.get(socket.appKey)
      this.leave(socket)?.settle(app ? this.#apps.toSoketi(app) : null)
      if (index % CONNECTED_AT_ONCE === CONNECTED_AT_ONCE - 1) await new Promise(setImmediate)
    }
  }
}
