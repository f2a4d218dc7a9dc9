import { ANY_NODE } from '../../harness/nodes.ts'
import { startSoketi } from '../../harness/soketi-process.ts'
import { type Counts, coldApps, type Use, WARM_APP } from './bench-apps.ts'
import { type Environment, hasAdapter } from './drivers.ts'
import type { BenchEndpoint } from './endpoint-over.ts'
import type { Measured } from './sample.ts'
import { timeHandshakes, timePublishes } from './timing.ts'

export type Speed = {
  readonly env: Environment
  /** Whether every lookup is of an app that this soketi has not asked for. */
  readonly isCold: boolean
  /** The endpoint whose requests are to be counted. */
  readonly endpoint?: BenchEndpoint
  /** Is done before some handshakes or publishes, untimed. */
  prepare?(use: Use, ids: readonly string[]): Promise<void>
}

// What is prepared must not be older than the functions' cache keeps it, 10 s, when it is used.
const PREPARED_AT_A_TIME = 30

/** Times handshakes, then publishes, on a soketi of their own. */
export async function measureSpeed(speed: Speed, round: number, counts: Counts): Promise<Measured> {
  const { env, isCold, endpoint, prepare } = speed
  const total = counts.untimed + counts.timed
  const soketi = await startSoketi({ node: ANY_NODE, env, preload: hasAdapter(env) })

  const time = async (use: Use): Promise<number[]> => {
    const measure = use === 'connect' ? timeHandshakes : timePublishes
    const ids = isCold
      ? coldApps(prepare ? 'held' : 'cold', use, round, counts)
      : Array.from({ length: total }, () => WARM_APP)
    const times: number[] = []
    for (let from = 0; from < total; from += PREPARED_AT_A_TIME) {
      const some = ids.slice(from, from + PREPARED_AT_A_TIME)
      await prepare?.(use, some)
      times.push(...(await measure(soketi.port, some)))
    }
    return times.slice(counts.untimed)
  }

  try {
    const before = await endpoint?.requests()
    const handshakesMs = await time('connect')
    const publishesMs = await time('publish')
    const after = await endpoint?.requests()
    const requests = before === undefined || after === undefined ? undefined : after - before
    return {
      handshakesMs,
      publishesMs,
      ...(requests === undefined ? {} : { requestsPerLookup: requests / (2 * total) }),
    }
  } finally {
    await soketi.kill()
  }
}
