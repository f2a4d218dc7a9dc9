import { setTimeout as sleep } from 'node:timers/promises'
import { median } from 'simple-statistics'
import { httpDriver } from '../../harness/local-endpoint.ts'
import { type Misbehaviour, startRegion } from '../../harness/misbehaving-region.ts'
import { ANY_NODE } from '../../harness/nodes.ts'
import { freePorts } from '../../harness/ports.ts'
import { startSoketi } from '../../harness/soketi-process.ts'
import { dynamodbDriver } from '../drivers.ts'
import { timeHandshakes, timeRejectedHandshake, timeRejectedPublish } from '../timing.ts'
import { type Counts, WARM_APP } from './bench-apps.ts'
import { type SpeedMeasure, timeBoth } from './speed.ts'

/** An unknown app in an outage: the seconds until clients and backends get a response. */
export type OutageMeasure = 'WebSocket rejected after s' | 'publish rejected after s'

// Short, so that the app is stale in the outage.
const APP_TTL_MS = 200
const REJECTIONS = 5

/**
 * The adapter in an outage that it has detected: a known app, which is stale, and unknown apps, which are rejected in a way
 * that makes clients retry.
 */
export async function measureOutage(
  endpointUrl: string,
  how: Misbehaviour,
  counts: Counts,
): Promise<Partial<Record<SpeedMeasure | OutageMeasure, number>>> {
  const region = await startRegion(endpointUrl)
  const env = httpDriver(region.url, { SOKETI_APP_MANAGER_HTTP_APP_TTL_MS: String(APP_TTL_MS) })
  const soketi = await startSoketi({ node: ANY_NODE, env })
  const { port } = soketi
  try {
    await timeHandshakes(port, [WARM_APP])
    await region.misbehave(how)
    // The adapter detects the outage with the first request.
    await Promise.all([timeRejectedPublish(port, 'nobody-knows', 503), sleep(2 * APP_TTL_MS)])
    const times = await timeBoth(port, counts)
    const ids = Array.from({ length: REJECTIONS }, (_, index) => `unknown-${index}`)
    const [handshakes, publishes] = await Promise.all([
      Promise.all(ids.map((id) => timeRejectedHandshake(port, id, 4100))),
      Promise.all(ids.map((id) => timeRejectedPublish(port, id, 503))),
    ])
    return {
      ...times,
      'WebSocket rejected after s': median(handshakes),
      'publish rejected after s': median(publishes),
    }
  } finally {
    await soketi.kill()
    await region.close()
  }
}

/**
 * soketi's DynamoDB driver while DynamoDB refuses connections: it takes up to a minute to respond that the app does not
 * exist. It is mostly idle between its retries, so other things can be measured meanwhile.
 */
export async function measureStockOutage(times: number): Promise<Record<OutageMeasure, number>[]> {
  const [unusedPort] = await freePorts(1)
  const env = dynamodbDriver(`http://127.0.0.1:${unusedPort}`)
  const soketi = await startSoketi({ node: ANY_NODE, env, preload: false })
  const measureOne = async (_: unknown, index: number) => {
    const [handshake, publish] = await Promise.all([
      timeRejectedHandshake(soketi.port, `unknown-${index}`, 4001),
      timeRejectedPublish(soketi.port, `unknown-${index}`, 404),
    ])
    return { 'WebSocket rejected after s': handshake, 'publish rejected after s': publish }
  }
  return Promise.all(Array.from({ length: times }, measureOne)).finally(() => soketi.kill())
}
