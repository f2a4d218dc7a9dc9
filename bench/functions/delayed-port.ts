import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** A port that passes bytes on to another one of this machine, each way later. */
export type DelayedPort = { readonly port: number; close(): void }

/**
 * Opens it. Connections to this machine open without a delay, so what a client sends first waits as long as the two ways
 * of a TCP handshake would take.
 *
 * @param delayMs the time for one way
 */
export async function openDelayedPort(target: number, delayMs: number): Promise<DelayedPort> {
  const sockets = new Set<Socket>()
  const server = createServer({ noDelay: true }, (client) => {
    const openAt = performance.now() + 2 * delayMs
    const upstream = connect({ port: target, host: '127.0.0.1', noDelay: true })
    passOn(client, upstream, () => Math.max(0, openAt - performance.now()) + delayMs)
    passOn(upstream, client, () => delayMs)
    for (const socket of [client, upstream]) sockets.add(socket.once('close', () => sockets.delete(socket)))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    close() {
      for (const socket of sockets) socket.destroy()
      server.close()
    },
  }
}

function passOn(from: Socket, to: Socket, delayMs: () => number): void {
  let passed = Promise.resolve()
  const later = (act: () => void) => {
    const delay = new Promise((resolve) => setTimeout(resolve, delayMs()))
    passed = Promise.all([passed, delay]).then(act)
  }
  from.on('data', (bytes) => later(() => to.write(bytes)))
  from.on('close', () => later(() => to.destroy()))
  from.on('error', () => {})
}
