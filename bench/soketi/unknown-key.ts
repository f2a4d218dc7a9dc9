import { ANY_NODE } from '../../harness/nodes.ts'
import { openRawSocket } from '../../harness/raw-socket.ts'
import { startSoketi } from '../../harness/soketi-process.ts'
import { type Environment, hasAdapter } from './drivers.ts'
import type { Measured } from './sample.ts'

const CONNECTIONS = 1_000
const AT_A_TIME = 50

export type UnknownKey = {
  readonly env: Environment
  /** How many lookups have arrived so far at what is asked. */
  lookups(): number | Promise<number>
}

/** Connects 1,000 times with a key that no app has, 50 at a time, and counts the lookups that makes. */
export async function measureUnknownKey({ env, lookups }: UnknownKey): Promise<Measured> {
  const soketi = await startSoketi({ node: ANY_NODE, env, preload: hasAdapter(env) })
  try {
    const before = await lookups()
    for (let done = 0; done < CONNECTIONS; done += AT_A_TIME) {
      const codes = await Promise.all(
        Array.from({ length: AT_A_TIME }, async () => {
          const socket = await openRawSocket(soketi.port, 'no-such-app-key')
          return socket.closed
        }),
      )
      const wrong = codes.find((code) => code !== 4001)
      if (wrong) throw new Error(`An unknown key was refused with ${wrong}.`)
    }
    return { unknownKeyLookups: (await lookups()) - before }
  } finally {
    await soketi.kill()
  }
}
