import { createRefusals } from './refusals.ts'
import type { Socket, WsHandler } from './soketi.ts'
import { wrapMethod } from './wrap-method.ts'
import { readMessage } from './ws-message.ts'

/**
 * Makes soketi's WebSocket handler bear a lookup that takes time or fails.
 *
 * - Could not know: the client gets 4100, with which Pusher clients come back, spread over a time.
 * - A client that left while its app was looked up is forgotten: soketi would write to it, which throws, or
 *   register it for ever.
 * - What a client sends before its connection is established, or what no Pusher client would send, is
 *   ignored: soketi reads such messages without looking, and an error in there stops the server.
 */
export function guardWebSockets(prototype: WsHandler): void {
  const gone = new WeakSet<Socket>()
  const established = new WeakSet<Socket>()
  const refusals = createRefusals()
  const serverOf = ({ server }: WsHandler) => server

  wrapMethod(prototype, 'checkForValidApp', serverOf, ({ manager }, socket) =>
    manager.findByKey(socket.appKey).then(
      (app) => (gone.has(socket) ? never() : app),
      () => {
        manager.turnedAway.websocket += 1
        refusals.refuse(socket, () => gone.has(socket), manager.behaviour.refusalSpreadMs)
        return never()
      },
    ),
  )

  wrapMethod(prototype, 'checkAppConnectionLimit', serverOf, async ({ self, proceed }, socket) => {
    const withinLimit = await proceed(socket)
    if (gone.has(socket)) return never()
    if (!withinLimit || !socket.app) return withinLimit
    // soketi counts first and registers later; connections that waited for one lookup together would all be
    // counted before the first is registered. Counting and registering in one step keeps the limit exact.
    const { adapter } = self.server
    const limit = Number.parseInt(String(socket.app.maxConnections), 10) || -1
    if (limit > 0 && adapter.getNamespace(socket.app.id).sockets.size >= limit) return false
    established.add(socket)
    await adapter.addSocket(socket.app.id, socket)
    return gone.has(socket) ? never() : true
  })

  wrapMethod(prototype, 'onMessage', serverOf, ({ proceed }, socket, message, isBinary) => {
    if (!established.has(socket)) return
    const understood = readMessage(message)
    if (understood) proceed(socket, understood, isBinary)
  })

  wrapMethod(prototype, 'onClose', serverOf, ({ proceed }, socket, code, message) => {
    gone.add(socket)
    // soketi counts every socket with an app as one connection less, also one that it has never counted.
    if (!established.has(socket)) delete socket.app
    return proceed(socket, code, message)
  })
}

/**
 * soketi goes on with a socket when its check settles, so for a socket that is not to go on it never does.
 */
function never(): Promise<never> {
  return new Promise(() => {})
}
