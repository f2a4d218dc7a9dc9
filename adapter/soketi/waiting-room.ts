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
export type WaitingRoom = {
  /** How many sockets wait. */
  readonly size: number
  /** The app of a socket that opens, or null if it does not exist; never settles if the socket closes before. */
  appOf(socket: Socket): Promise<SoketiApp | null>
  /** Forgets a socket, if it is known. */
  leave(socket: Socket): void
  /** Rejects every socket whose app is not known. */
  close(): void
}

export function createWaitingRoom(apps: Apps): WaitingRoom {
  const opening = new Map<Socket, Opening>()
  /** The sockets that wait, by key. */
  const waiting = new Map<string, Set<Socket>>()
  let size = 0
  let isServing = false
  let isClosed = false

  const leave = (socket: Socket): Opening | undefined => {
    const left = opening.get(socket)
    if (!left) return undefined
    clearTimeout(left.timeout)
    opening.delete(socket)
    const sockets = waiting.get(socket.appKey)
    if (sockets?.delete(socket)) size -= 1
    if (sockets?.size === 0) waiting.delete(socket.appKey)
    return left
  }

  const reject = (socket: Socket) => {
    if (!leave(socket)) return
    apps.rejected.websocket += 1
    socket.sendJson(TRY_AGAIN)
    socket.end(TRY_AGAIN.data.code)
  }

  /** Half of the places are for other keys than the most wanted one. */
  const hasPlace = ({ appKey }: Socket, error: unknown): boolean => {
    const isBeyondRate = error instanceof AppLookupUnavailableError && error.code === 'too-many-unknown'
    const { maxWaitingSockets } = apps.behaviour
    if (isClosed || isBeyondRate || size >= maxWaitingSockets) return false
    const sockets = waiting.get(appKey)
    return sockets ? sockets.size < maxWaitingSockets / 2 : waiting.size < MAX_KEYS
  }

  const wait = (socket: Socket) => {
    if (!opening.has(socket)) return
    const sockets = waiting.get(socket.appKey)
    if (sockets) sockets.add(socket)
    else waiting.set(socket.appKey, new Set([socket]))
    size += 1
    if (!isServing) void serve()
  }

  /** Runs while sockets wait. */
  const serve = async () => {
    const { lookup } = apps
    isServing = true
    while (size > 0) {
      if (!(await lookup.whenAnswering(RETRY_MS))) continue
      await connect(await lookup.findByKeys([...waiting.keys()]))
      if (size > 0) await new Promise((resolve) => setTimeout(resolve, RETRY_MS))
    }
    isServing = false
  }

  const connect = async (found: ReadonlyMap<string, App | undefined>) => {
    const sockets = [...found.keys()].flatMap((key) => [...(waiting.get(key) ?? [])])
    for (const socket of sockets) clearTimeout(opening.get(socket)?.timeout)
    for (const [index, socket] of sockets.entries()) {
      const app = found.get(socket.appKey)
      leave(socket)?.settle(app ? apps.toSoketi(app) : null)
      if (index % CONNECTED_AT_ONCE === CONNECTED_AT_ONCE - 1) await new Promise(setImmediate)
    }
  }

  return {
    get size() {
      return size
    },
    appOf(socket) {
      const jitterMs = Math.random() * Math.min(apps.behaviour.rejectionJitterMs, MAX_JITTER_MS)
      return new Promise((settle) => {
        const timeout = setTimeout(() => reject(socket), MAX_WAIT_MS - jitterMs)
        opening.set(socket, { settle, timeout })
        apps.findByKey(socket.appKey, hintsOfSocket(socket)).then(
          (app) => leave(socket)?.settle(app),
          (error: unknown) => (hasPlace(socket, error) ? wait(socket) : reject(socket)),
        )
      })
    },
    leave,
    close() {
      isClosed = true
      for (const socket of [...opening.keys()]) reject(socket)
    },
  }
}
