import { knock } from './raw-socket.ts'

/** Clients that come and go, one after the other, for as long as a test lasts. */
export type Visitors = {
  /** How many were let in. */
  admitted(): number
  /** When the last one was let in, as `performance.now()` tells it. */
  lastAdmittedAt(): number
  /** The error codes of those who were not. */
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
