import { ANY_NODE } from '../../test/soketi/harness/nodes.ts'
import { startSoketi } from '../../test/soketi/harness/soketi.ts'
import { type Counts, coldApps, WARM_APP } from './apps.ts'
import type { BenchEndpoint } from './endpoint.ts'
import type { Measured } from './measure.ts'
import { timeHandshakes, timePublishes } from './timing.ts'

export type Speed = {
  readonly env: Readonly<Record<string, string>>
  /** Whether every lookup is of an app that nobody has asked for. */
  readonly isCold: boolean
  /** The endpoint whose requests are counted, if the adapter is what is measured. */
  readonly endpoint?: BenchEndpoint
}

/** Times handshakes, then publishes, on a soketi of their own. */
export async function measureSpeed(
  { env, isCold, endpoint }: Speed,
  round: number,
  counts: Counts,
): Promise<Measured> {
  const soketi = await startSoketi({ node: ANY_NODE, env, preload: endpoint !== undefined })
  try {
    const apps = (use: 'connect' | 'publish') =>
      isCold
        ? coldApps(use, round, counts)
        : Array.from({ length: counts.untimed + counts.timed }, () => WARM_APP)
    const before = await endpoint?.requests()
    const handshakesMs = await timeHandshakes(soketi.port, apps('connect'))
    const publishesMs = await timePublishes(soketi.port, apps('publish'))
    const after = await endpoint?.requests()
    return {
      handshakesMs: handshakesMs.slice(counts.untimed),
      publishesMs: publishesMs.slice(counts.untimed),
      ...(before !== undefined && after !== undefined
        ? { requestsPerLookup: (after - before) / (2 * (counts.untimed + counts.timed)) }
        : {}),
    }
  } finally {
    await soketi.kill()
  }
}
