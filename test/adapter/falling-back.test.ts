import { describe, expect, it } from 'vitest'
import { appOf, startNode } from './virtual/node.ts'
import { Random } from './virtual/random.ts'
import { json, SimulatedRegion } from './virtual/region.ts'
import { VirtualTime } from './virtual/virtual-time.ts'

const SECOND = 1_000
const MINUTE = 60_000
/** `NODES=100 npx vitest run test/adapter/falling-back.test.ts` takes a minute. */
const NODES = Number(process.env.NODES ?? 20)
const APPS = 1_000
const LOOKUPS_PER_SECOND = 10
/** How often lookups are made. */
const TICK_MS = 200

/** Many nodes on one region that all follow, know all apps, and look them up all the time. */
async function startFleet() {
  const time = new VirtualTime()
  const random = new Random(1)
  const region = new SimulatedRegion('https://near.example', time, random)
  const ids = Array.from({ length: APPS }, (_, i) => `app-${i}`)
  for (const id of ids) region.table.put(id, appOf(id))
  region.log.beat(time.now)
  let heartbeats = true
  const beat = () => {
    if (heartbeats) region.log.beat(time.now)
    time.timers.inBackground(MINUTE, beat)
  }
  beat()
  const readings = ids.map((id) => ({ app: appOf(id), readAt: time.now }))
  const snapshot = { load: () => readings, save: async () => {} }
  const nodes = Array.from({ length: NODES }, () =>
    startNode(time, random, [region], { snapshotFile: 'none', ports: { createSnapshot: () => snapshot } }),
  )
  const failures: string[] = []
  const lookUp = () => {
    for (const { lookup } of nodes)
      for (let i = 0; i < LOOKUPS_PER_SECOND * (TICK_MS / SECOND); i += 1)
        lookup.findByKey(`key-of-${random.pick(ids)}`).then(
          (app) => app ?? failures.push('no such app'),
          (error) => failures.push(error.code),
        )
    time.timers.inBackground(TICK_MS, lookUp)
  }
  await time.pass(30 * SECOND)
  lookUp()
  await time.pass(30 * SECOND)
  const feedStates = () => new Set(nodes.map(({ lookup }) => lookup.stats().revalidation.feed))
  return {
    time,
    region,
    nodes,
    failures,
    feedStates,
    stopHeartbeats: () => {
      heartbeats = false
    },
    startHeartbeats: () => {
      heartbeats = true
    },
  }
}

/** The most requests in any 10 s, in a second. */
function peak(arrivals: readonly { readonly at: number }[]): number {
  let most = 0
  for (let from = 0, to = 0; to < arrivals.length; to += 1) {
    while ((arrivals[to]?.at ?? 0) - (arrivals[from]?.at ?? 0) > 10 * SECOND) from += 1
    most = Math.max(most, to - from + 1)
  }
  return most / 10
}

describe(`${NODES} nodes whose heartbeat dies at once`, () => {
  it('stay below 1.2 requests a second each, and follow again when it is back', {
    timeout: 300_000,
  }, async () => {
    const fleet = await startFleet()
    const { time, region, failures, feedStates } = fleet
    expect(feedStates()).toEqual(new Set(['following']))
    fleet.stopHeartbeats()
    const since = time.now
    await time.pass(270 * SECOND)
    expect(feedStates()).toEqual(new Set(['no-heartbeat']))
    await time.pass(MINUTE)
    const arrivals = region.arrivals.filter(({ at }) => at >= since)
    expect(peak(arrivals) / NODES).toBeLessThanOrEqual(1.2)
    expect(failures).toEqual([])
    fleet.startHeartbeats()
    await time.pass(2 * MINUTE)
    expect(feedStates()).toEqual(new Set(['following']))
  })

  it('and whose API is throttled at half of that all follow again', { timeout: 300_000 }, async () => {
    const fleet = await startFleet()
    const { time, region, failures, feedStates } = fleet
    fleet.stopHeartbeats()
    await time.pass(200 * SECOND)
    const limit = (1.2 * NODES) / 2
    let [second, answered] = [0, 0]
    const throttle = () => {
      const now = Math.floor(time.now / SECOND)
      if (now !== second) [second, answered] = [now, 0]
      answered += 1
      return answered > limit ? json(429, { message: 'Too Many Requests' }) : undefined
    }
    for (const kind of ['lookup', 'batch', 'poll', 'probe'] as const) region.faults.answers[kind] = throttle
    await time.pass(2 * MINUTE)
    fleet.startHeartbeats()
    await time.pass(3 * MINUTE)
    expect(feedStates()).toEqual(new Set(['following']))
    expect(failures).toEqual([])
  })
})
