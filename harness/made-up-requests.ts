import { createConnection } from 'node:net'

/** Unsigned requests to soketi's HTTP API for random ids that no app has. */
export type MadeUpRequests = {
  /** How many were sent. */
  sent(): number
  stop(): void
}

const EVERY_MS = 10

/** Sends requests at this rate per second, each on a new connection, because soketi closes it after the response. */
export function sendMadeUpRequests(port: number, perSecond: number): MadeUpRequests {
  const startedAt = performance.now()
  let sent = 0
  const timer = setInterval(() => {
    const due = ((performance.now() - startedAt) / 1000) * perSecond
    for (; sent < due; sent += 1) {
      const id = Math.random().toString(36).slice(2)
      const socket = createConnection(port, '127.0.0.1')
      socket.on('error', () => {}).resume()
      socket.write(`GET /apps/${id}/channels HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`)
    }
  }, EVERY_MS)
  return { sent: () => sent, stop: () => clearInterval(timer) }
}
