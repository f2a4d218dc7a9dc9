import { quantile } from 'simple-statistics'
import { ANY_NODE } from '../../harness/nodes.ts'
import { startSoketi } from '../../harness/soketi-process.ts'
import { type Environment, hasAdapter } from '../drivers.ts'
import { timeHandshakes, timePublishes } from '../timing.ts'
import { type Counts, coldApps, type Use, WARM_APP } from './bench-apps.ts'

export type SpeedMeasure =
  | 'handshake p50 ms'
  | 'handshake p99 ms'
  | 'publish p50 ms'
  | 'publish p99 ms'
  | 'requests a lookup'

export type Speed = {
  readonly env: Environment
  /** Whether every lookup is of an app that this soketi has not looked up before. */
  readonly isCold: boolean
  /** How many requests have arrived at its endpoint. */
  requests?(): Promise<number>
  /** Called before some handshakes or publishes, untimed. */
  prepare?(use: Use, ids: readonly string[]): Promise<void>
}

// Apps must be used within 10 s after they were prepared, the TTL of the functions' cache.
const PREPARED_AT_A_TIME = 30

/** Times handshakes, then publishes, on a new soketi. */
export async function measureSpeed(
  { env, isCold, requests, prepare }: Speed,
  round: number,
  counts: Counts,
): Promise<Partial<Record<SpeedMeasure, number>>> {
  const total = counts.untimed + counts.timed
  const soketi = await startSoketi({ node: ANY_NODE, env, preload: hasAdapter(env) })
  try {
    const before = await requests?.()
    const handshakes = await time('connect')
    const publishes = await time('publish')
    const after = await requests?.()
    return {
      ...summary('handshake', handshakes),
      ...summary('publish', publishes),
      ...(before === undefined || after === undefined
        ? {}
        : { 'requests a lookup': (after - before) / (2 * total) }),
    }
  } finally {
    await soketi.kill()
  }

  async function time(use: Use): Promise<number[]> {
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
}

/** The p50 and p99 of some times. */
export function summary<What extends 'handshake' | 'publish'>(what: What, times: number[]) {
  const [p50, p99] = quantile(times, [0.5, 0.99])
  return { [`${what} p50 ms`]: p50, [`${what} p99 ms`]: p99 } as Record<
    `${What} p50 ms` | `${What} p99 ms`,
    number
  >
}
