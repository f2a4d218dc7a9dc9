import { tryToConnect } from './raw-socket.ts'

/** Clients that connect and disconnect, one after the other, until a test ends. */
export type ConnectingClients = {
  /** How many have connected. */
  connectedCount(): number
  /** When the last one connected, by `performance.now()`. */
  lastConnectedAt(): number
  /** The error codes of those that were rejected. */
  readonly errors: number[]
  stop(): Promise<void>
}

/** Connects one client after the other with a key until `stop` is called. */
export function startConnectingClients(port: number, key: string): ConnectingClients {
  const errors: number[] = []
  let [connectedCount, lastConnectedAt, isOver] = [0, 0, false]
  const connect = async () => {
    const code = await tryToConnect(port, key)
    if (code !== undefined) errors.push(code)
    else {
      connectedCount += 1
      lastConnectedAt = performance.now()
    }
  }
  const all = async () => {
    while (!isOver) await connect()
  }
  const over = all()
  return {
    connectedCount: () => connectedCount,
    lastConnectedAt: () => lastConnectedAt,
    errors,
    stop() {
      isOver = true
      return over
    },
  }
}
