import { isObject } from '../lookup/index.ts'
import type { HttpAppManager } from './app-manager.ts'
import { hintsOfSocket } from './hints.ts'
import { type Signed, type Verify, withApp } from './signature-check.ts'
import type { PrivateChannels, Socket, SoketiApp, WsHandler } from './soketi.ts'
import { wrapMethod } from './wrap-method.ts'

/**
 * Makes soketi's WebSocket handler tolerate a lookup that takes time or fails.
 *
 * - If the lookup fails, the client waits in the waiting room.
 * - A client that disconnected during the lookup is dropped: soketi would write to its closed socket, which throws, or
 *   register it forever.
 * - Messages before the connection is established, and messages that no Pusher client sends, are ignored: soketi does
 *   not check them, and an error there stops the server.
 * - A subscription or a sign-in can be signed with any secret of the app.
 */
export function guardWebSockets(prototype: WsHandler, privateChannels: PrivateChannels): void {
  const gone = new WeakSet<Socket>()
  const established = new WeakSet<Socket>()
  const isSigned = async (
    manager: HttpAppManager,
    what: Signed,
    app: SoketiApp,
    socket: Socket,
    verify: Verify,
  ) => {
    const signer = await manager.signatures
      .signerOf(what, app, hintsOfSocket(socket), verify)
      .catch(() => undefined)
    return gone.has(socket) ? never() : signer !== undefined
  }

  wrapMethod(prototype, 'checkForValidApp', ({ manager }, socket) => manager.waitingRoom.appOf(socket))

  wrapMethod(prototype, 'checkAppConnectionLimit', async ({ self, proceed }, socket) => {
    // A copy keeps its app when the client disconnects meanwhile, which soketi does not expect.
    const withinLimit = await proceed({ ...socket })
    if (gone.has(socket)) return never()
    if (!withinLimit || !socket.app) return withinLimit
    // soketi counts first and registers later: connections that waited for the same lookup would all be counted before
    // the first is registered. Counting and registering in one step keeps the limit exact.
    const { adapter } = self.server
    const limit = Number.parseInt(String(socket.app.maxConnections), 10) || -1
    if (limit > 0 && adapter.getNamespace(socket.app.id).sockets.size >= limit) return false
    established.add(socket)
    await adapter.addSocket(socket.app.id, socket)
    return gone.has(socket) ? never() : true
  })

  wrapMethod(prototype, 'signinTokenIsValid', ({ manager, proceed }, socket, ...signed) =>
    socket.app
      ? isSigned(manager, 'signin', socket.app, socket, (app) => proceed(withApp(socket, app), ...signed))
      : proceed(socket, ...signed),
  )

  wrapMethod(privateChannels, 'signatureIsValid', ({ self, manager, proceed }, app, id, ...signed) => {
    const socket = self.server.adapter.getNamespace(app.id).sockets.get(id)
    return socket
      ? isSigned(manager, 'channel', app, socket, (signer) => proceed(signer, id, ...signed))
      : proceed(app, id, ...signed)
  })

  wrapMethod(prototype, 'onMessage', ({ proceed }, socket, message, isBinary) => {
    if (!established.has(socket)) return
    const understood = readMessage(message)
    if (understood) proceed(socket, understood, isBinary)
  })

  wrapMethod(prototype, 'onClose', ({ manager, proceed }, socket, code, message) => {
    gone.add(socket)
    manager.waitingRoom.leave(socket)
    // soketi subtracts one connection for every socket with an app, even for one that it never counted.
    if (!established.has(socket)) delete socket.app
    return proceed(socket, code, message)
  })
}

/** soketi continues with a socket when its check settles, so the check of a closed socket never settles. */
const never = (): Promise<never> => new Promise(() => {})

/**
 * A client's message, parsed, if soketi can handle it; otherwise undefined.
 *
 * soketi reads `data.channel` of a subscription, `data.user_data` of a sign-in and the length of a channel's name
 * without checking that they exist; an error there would stop the whole server.
 */
function readMessage(message: unknown): unknown {
  const parsed = message instanceof ArrayBuffer ? parseJson(message) : message
  if (!isObject(parsed) || typeof parsed.event !== 'string') return undefined
  const data = isObject(parsed.data) ? parsed.data : {}
  switch (parsed.event) {
    case 'pusher:subscribe':
    case 'pusher:unsubscribe':
      return typeof data.channel === 'string' ? parsed : undefined
    case 'pusher:signin':
      return typeof data.user_data === 'string' && isObject(parseJson(data.user_data)) ? parsed : undefined
    default:
      return parsed
  }
}

function parseJson(json: ArrayBuffer | string): unknown {
  try {
    return JSON.parse(typeof json === 'string' ? json : Buffer.from(json).toString())
  } catch {
    return undefined
  }
}
