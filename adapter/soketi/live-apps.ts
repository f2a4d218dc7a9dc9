import type { App } from '../lookup/index.ts'
import type { HttpAppManager } from './app-manager.ts'
import { rareLog } from './console-log.ts'
import type { Namespace, Server, Socket } from './soketi.ts'

const DELETED = { code: 4001, message: 'The app does not exist any more.' }
const DISABLED = { code: 4003, message: 'The app is not enabled.' }

/**
 * Lets changes of apps take effect on the sockets that are open on this node: a disabled app's are closed with 4003, a
 * deleted one's with 4001, and changed limits and flags apply to what open sockets do next. What could not be known
 * changes nothing.
 */
export function keepLiveAppsCurrent(server: Server, manager: HttpAppManager): void {
  const { lookup } = manager
  const { adapter } = server
  const socketsOf = (appId: string) => adapter.getNamespaces().get(appId)?.sockets
  /** An error with one app must not affect others. */
  const apply = (appId: string, app: App | undefined) => {
    const sockets = socketsOf(appId)
    if (!sockets || sockets.size === 0 || server.closing) return
    try {
      applyTo(sockets, app, manager)
    } catch {
      rareLog.write('warn', 'live apps', 'Open sockets could not follow a change of their app.')
    }
  }
  /** A socket was added or removed. One that was added can have an app that has changed since it was looked up. */
  const follow = (appId: string, added?: Socket) => {
    lookup.setLive(appId, (socketsOf(appId)?.size ?? 0) > 0)
    const app = added && lookup.peek(appId)
    if (app && added.app !== manager.toSoketi(app).forWebSocket()) apply(appId, app)
  }

  const addSocket = adapter.addSocket.bind(adapter)
  const removeSocket = adapter.removeSocket.bind(adapter)
  adapter.addSocket = async (appId, socket) => {
    const added = await addSocket(appId, socket)
    follow(appId, socket)
    return added
  }
  adapter.removeSocket = async (appId, socketId) => {
    const removed = await removeSocket(appId, socketId)
    follow(appId)
    return removed
  }
  lookup.onChange(apply)
}

function applyTo(sockets: Namespace['sockets'], app: App | undefined, manager: HttpAppManager): void {
  if (!app) closeSockets(sockets, DELETED)
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
