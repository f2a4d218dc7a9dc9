import { once } from 'node:events'

/** A bare WebSocket, for what no Pusher client would do. */
export type RawSocket = {
  /** What the server sent, parsed. */
  readonly received: { event: string; data: unknown }[]
  send(message: unknown): void
  /** The close code, once it is closed. */
  readonly closed: Promise<number>
  close(): void
  isEstablished(): boolean
}

/** Opens a WebSocket with this key as it stands in the URL; resolves when the handshake is done. */
export async function openRawSocket(port: number, rawKey: string): Promise<RawSocket> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/app/${rawKey}?protocol=7&client=js&version=8.6.0`)
  const received: RawSocket['received'] = []
  socket.addEventListener('message', ({ data }) => received.push(JSON.parse(String(data))))
  const closed = once(socket, 'close').then(([event]) => Number(event.code))
  await Promise.race([once(socket, 'open'), once(socket, 'error')])
  return {
    received,
    closed,
    send: (message) => socket.send(typeof message === 'string' ? message : JSON.stringify(message)),
    close: () => socket.close(),
    isEstablished: () => received.some(({ event }) => event === 'pusher:connection_established'),
  }
}
