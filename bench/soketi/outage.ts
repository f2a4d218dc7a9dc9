import { httpDriver } from '../../harness/local-endpoint.ts'
import { type Misbehaviour, startRegion } from '../../harness/misbehaving-region.ts'
import { ANY_NODE } from '../../harness/nodes.ts'
import { freePorts, startSoketi } from '../../harness/soketi-process.ts'
import { summarize } from '../statistics.ts'
import { type Counts, WARM_APP } from './bench-apps.ts'
import { dynamodbDriver } from './drivers.ts'
import type { BenchEndpoint } from './endpoint-over.ts'
import type { Measured } from './sample.ts'
import {
  type Refusal,
  timeHandshakes,
  timePublishes,
  timeRefusedHandshake,
  timeRefusedPublish,
} from './timing.ts'

// Short, so that what is served in the outage is stale and no longer fresh.
const APP_TTL_MS = 200
const REFUSALS = 5

/**
 * The adapter while its endpoint misbehaves and is known to: an app that it knows, whose last answer is stale by
 * then, and apps that it doesn't know, which are refused so that clients come back.
 */
export async function measureOutage(
  endpoint: BenchEndpoint,
  how: Misbehaviour,
  { timed, untimed }: Counts,
): Promise<Measured> {
  const region = await startRegion(endpoint.url)
  const env = httpDriver(region.url, { SOKETI_APP_MANAGER_HTTP_APP_TTL_MS: String(APP_TTL_MS) })
  const soketi = await startSoketi({ node: ANY_NODE, env })
  const { port } = soketi
  try {
    await timeHandshakes(port, [WARM_APP])
    await region.misbehave(how)
    // The first to ask is the one by whom it becomes known; it takes longer than the app is fresh, or lets it.
    const [first] = await Promise.all([
      timeRefusedHandshake(port, 'nobody-knows'),
      new Promise((resolve) => setTimeout(resolve, 2 * APP_TTL_MS)),
    ])
    expectCode(first, 4100)

    const known = Array.from({ length: untimed + timed }, () => WARM_APP)
    const handshakesMs = await timeHandshakes(port, known)
    const publishesMs = await timePublishes(port, known)
    const refusedHandshakesMs: number[] = []
    const refusedPublishesMs: number[] = []
    for (let index = 0; index < REFUSALS; index += 1) {
      refusedHandshakesMs.push(expectCode(await timeRefusedHandshake(port, `unknown-${index}`), 4100))
      refusedPublishesMs.push(expectCode(await timeRefusedPublish(port, `unknown-${index}`), 503))
    }
    return {
      handshakesMs: handshakesMs.slice(untimed),
      publishesMs: publishesMs.slice(untimed),
      refusedHandshakeMs: summarize(refusedHandshakesMs).median,
      refusedPublishMs: summarize(refusedPublishesMs).median,
    }
  } finally {
    await soketi.kill()
    await region.close()
  }
}

/** How soketi's DynamoDB driver refuses while DynamoDB refuses connections: with what, and after how long. */
export type StockOutage = { readonly handshakes: readonly Refusal[]; readonly publishes: readonly Refusal[] }

/**
 * Starts soketi's DynamoDB driver on a port where nobody listens and lets this many clients and backends wait.
 * Its retries are far apart, so that it idles while other things are measured; the promise that `answers` holds
 * takes up to a minute.
 */
export async function startStockOutage(count: number): Promise<{ answers: Promise<StockOutage> }> {
  const [nobody] = await freePorts(1)
  const env = dynamodbDriver(`http://127.0.0.1:${nobody}`)
  const soketi = await startSoketi({ node: ANY_NODE, env, preload: false })
  const { port } = soketi
  const times = Array.from({ length: count }, (_, index) => `unknown-${index}`)
  const answers = Promise.all([
    Promise.all(times.map((id) => timeRefusedHandshake(port, id))),
    Promise.all(times.map((id) => timeRefusedPublish(port, id))),
  ])
    .then(([handshakes, publishes]) => ({ handshakes, publishes }))
    .finally(() => soketi.kill())
  return { answers }
}

function expectCode({ ms, code }: Refusal, expected: number): number {
  if (code !== expected) throw new Error(`An outage was told with ${code} instead of ${expected}.`)
  return ms
}
