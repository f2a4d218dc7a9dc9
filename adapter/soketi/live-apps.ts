import type { App } from '../lookup/index.ts'
import type { HttpAppManager } from './app-manager.ts'
import { createRareWarning } from './console-log.ts'
import type { Namespace, Server, Socket } from './soketi.ts'

const DELETED = { code: 4001, message: 'The app does not exist any more.' }
const DISABLED = { code: 4003, message: 'The app is not enabled.' }

/** How often to look for sockets that were opened with an outdated app during a change. */
const SWEEP_MS = 5_000

/**
 * Lets changes of apps take effect on the sockets that are open on this node: a disabled app's are closed with 4003, a
 * deleted one's with 4001, and changed limits and flags apply to what open sockets do next. What could not be known
 * changes nothing.
 *
 * @returns a function that ends it.
 */
export function keepLiveAppsCurrent(server: Server, manager: HttpAppManager): () => void {
  const warnOfFailure = createRareWarning('Open sockets could not follow a change of their app.')
  const openSockets = (appId: string) => server.adapter.getNamespaces().get(appId)?.sockets
  /** An error with one app must not affect others. */
  const apply = (appId: string, app: App | undefined) => {
    const sockets = openSockets(appId)
    if (!sockets || sockets.size === 0 || server.closing) return
    try {
      applyTo(sockets, app, manager)
    } catch {
      warnOfFailure()
    }
  }

  const ids = () => liveAppsOf(server)
  manager.lookup.keepCurrent({ ids, changed: apply })
  const sweep = setInterval(() => {
    for (const id of ids()) {
      const app = manager.lookup.peek(id)
      if (app) apply(id, app)
    }
  }, SWEEP_MS)
  sweep.unref()
  return () => clearInterval(sweep)
}

function liveAppsOf({ adapter }: Server): string[] {
  const ids: string[] = []
  for (const [id, { sockets }] of adapter.getNamespaces()) if (sockets.size > 0) ids.push(id)
  return ids
}

function applyTo(sockets: Namespace['sockets'], app: App | undefined, manager: HttpAppManager): void {
  if (app === undefined) closeSockets(sockets, DELETED)
  else if (!app.enabled) closeSockets(sockets, DISABLED)
  else {
    const current = manager.toSoketi(app).forWebSocket()
    for (const socket of sockets.values()) if (socket.app !== current) socket.app = current
  }
}

function closeSockets(sockets: ReadonlyMap<string, Socket>, data: { code: number; message: string }): void {
  for (const socket of [...sockets.values()]) {
    socket.sendJson({ event: 'pusher:error', data })
    try {
      socket.end(data.code)
    } catch {
      // The client disconnected, and uWebSockets.js throws on a closed socket.
    }
  }
}
