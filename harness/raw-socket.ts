import { once } from 'node:events'

/** A plain WebSocket, for messages that no Pusher client sends. */
export type RawSocket = {
  /** What the server sent, parsed. */
  readonly received: { event: string; data: unknown }[]
  /** Resolves with the first message: to the code of an error, or to nothing. */
  readonly answered: Promise<number | undefined>
  send(message: unknown): void
  /** The close code, once it is closed. */
  readonly closed: Promise<number>
  close(): void
  isEstablished(): boolean
}

/** Opens a WebSocket with this key in the URL. Resolves after the handshake. */
export async function openRawSocket(port: number, rawKey: string): Promise<RawSocket> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/app/${rawKey}?protocol=7&client=js&version=8.6.0`)
  const received: RawSocket['received'] = []
  const answered = Promise.withResolvers<number | undefined>()
  socket.addEventListener('message', ({ data: text }) => {
    const message: (typeof received)[number] = JSON.parse(String(text))
    received.push(message)
    answered.resolve(message.event === 'pusher:error' ? (message.data as { code: number }).code : undefined)
  })
  const closed = once(socket, 'close').then(([event]) => Number(event.code))
  await Promise.race([once(socket, 'open'), once(socket, 'error')])
  return {
    received,
    answered: answered.promise,
    closed,
    send: (message) => socket.send(typeof message === 'string' ? message : JSON.stringify(message)),
    close: () => socket.close(),
    isEstablished: () => received.some(({ event }) => event === 'pusher:connection_established'),
  }
}

/** Opens a socket and closes it after the first message. Resolves to the error code if it was rejected. */
export async function tryToConnect(port: number, rawKey: string): Promise<number | undefined> {
  const socket = await openRawSocket(port, rawKey)
  const code = await Promise.race([socket.answered, socket.closed])
  socket.close()
  await socket.closed
  return code
}
