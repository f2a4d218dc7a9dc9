import { randomInt } from 'node:crypto'
import { createServer } from 'node:net'

/**
 * Below the ports that Linux gives to connections and to servers on port 0, which would take one before it is used. Each worker
 * of a test run has a range of its own, so that none takes a port between the check of another and its use: soketi shares
 * a port with another soketi, which then gets some of its connections.
 */
const [FIRST_PORT, RANGE, WORKERS] = [10_000, 2_000, 11]

let next = randomInt(RANGE)

/** Finds free ports, each only once. soketi can't use port 0, because it does not report which port it got. */
export async function freePorts(count: number): Promise<number[]> {
  const first = FIRST_PORT + RANGE * (Number(process.env.VITEST_POOL_ID ?? 0) % WORKERS)
  const ports: number[] = []
  while (ports.length < count) {
    const port = first + next
    next = (next + 1) % RANGE
    if (await isFree(port)) ports.push(port)
  }
  return ports
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}
