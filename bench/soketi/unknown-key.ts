import { ANY_NODE } from '../../harness/nodes.ts'
import { openRawSocket } from '../../harness/raw-socket.ts'
import { startSoketi } from '../../harness/soketi-process.ts'
import { type Environment, hasAdapter } from '../drivers.ts'

export type UnknownKeyMeasure = 'lookups of an unknown key'

const CONNECTIONS = 1_000
const AT_A_TIME = 50

/**
 * Connects 1,000 times with a key that no app has, 50 at a time, and counts the lookups.
 *
 * @param requests returns the number of lookups of this soketi so far
 */
export async function measureUnknownKey(
  env: Environment,
  requests: () => number | Promise<number>,
): Promise<Record<UnknownKeyMeasure, number>> {
  const soketi = await startSoketi({ node: ANY_NODE, env, preload: hasAdapter(env) })
  try {
    const before = await requests()
    for (let done = 0; done < CONNECTIONS; done += AT_A_TIME) {
      const sockets = Array.from({ length: AT_A_TIME }, () => openRawSocket(soketi.port, 'no-such-app-key'))
      const codes = await Promise.all(sockets.map(async (socket) => (await socket).closed))
      const wrong = codes.find((code) => code !== 4001)
      if (wrong) throw new Error(`An unknown key was rejected with ${wrong}.`)
    }
    return { 'lookups of an unknown key': (await requests()) - before }
  } finally {
    await soketi.kill()
  }
}
