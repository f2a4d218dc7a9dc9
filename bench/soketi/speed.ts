import { median } from 'simple-statistics'
import { ANY_NODE } from '../../harness/nodes.ts'
import { startSoketi } from '../../harness/soketi-process.ts'
import { type Environment, hasAdapter } from '../drivers.ts'
import { timeHandshakes, timePublishes } from '../timing.ts'
import { type Counts, coldApps, type Use, WARM_APP } from './bench-apps.ts'

export type SpeedMeasure = 'handshake p50 ms' | 'publish p50 ms' | 'requests a lookup'

export type Speed = {
  readonly env: Environment
  /** Whether every lookup is of an app that this soketi has not looked up before. */
  readonly isCold: boolean
  /** How many requests have arrived at its endpoint. */
  requests?(): Promise<number>
}

/** Times handshakes, then publishes, on a new soketi. */
export async function measureSpeed(
  { env, isCold, requests }: Speed,
  round: number,
  counts: Counts,
): Promise<Partial<Record<SpeedMeasure, number>>> {
  const soketi = await startSoketi({ node: ANY_NODE, env, preload: hasAdapter(env) })
  try {
    const before = await requests?.()
    const times = await timeBoth(
      soketi.port,
      counts,
      isCold ? (use) => coldApps(use, round, counts) : undefined,
    )
    const after = await requests?.()
    if (before === undefined || after === undefined) return times
    return { ...times, 'requests a lookup': (after - before) / (2 * (counts.untimed + counts.timed)) }
  } finally {
    await soketi.kill()
  }
}

/** The median times of handshakes, then of publishes, for the warm app unless others are given. */
export async function timeBoth(
  port: number,
  { untimed, timed }: Counts,
  appsFor: (use: Use) => readonly string[] = () => Array<string>(untimed + timed).fill(WARM_APP),
): Promise<Record<'handshake p50 ms' | 'publish p50 ms', number>> {
  const p50 = (times: readonly number[]) => median(times.slice(untimed))
  return {
    'handshake p50 ms': p50(await timeHandshakes(port, appsFor('connect'))),
    'publish p50 ms': p50(await timePublishes(port, appsFor('publish'))),
  }
}
