import { knock } from './raw-socket.ts'

/** Clients that connect and disconnect, one after the other, until a test ends. */
export type Visitors = {
  /** How many could connect. */
  admitted(): number
  /** When the last one connected, by `performance.now()`. */
  lastAdmittedAt(): number
  /** The error codes of those that were rejected. */
  readonly errors: number[]
  stop(): Promise<void>
}

/** Lets clients connect with a key until it is stopped. */
export function startVisitors(port: number, key: string): Visitors {
  const errors: number[] = []
  let [admitted, lastAdmittedAt, isOver] = [0, 0, false]
  const visit = async () => {
    const code = await knock(port, key)
    if (code !== undefined) errors.push(code)
    else {
      admitted += 1
      lastAdmittedAt = performance.now()
    }
  }
  const all = async () => {
    while (!isOver) await visit()
  }
  const over = all()
  return {
    admitted: () => admitted,
    lastAdmittedAt: () => lastAdmittedAt,
    errors,
    stop() {
      isOver = true
      return over
    },
  }
}
