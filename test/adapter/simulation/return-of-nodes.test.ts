import { expect, it } from 'vitest'
import { createAppLookup } from '../../../adapter/lookup/lookup.ts'
import { createRandom } from '../../support/random.ts'
import { MINUTE, SECOND, VirtualTime, withVirtualGlobals } from '../../support/virtual-time.ts'
import { NODE, SimulatedNode } from './simulated-node.ts'
import { CALM, SimulatedWorld } from './simulated-world.ts'

/** `RETURN=full npx vitest run test/adapter/simulation/return-of-nodes.test.ts` takes a minute. */
const NODES = process.env.RETURN === 'full' ? 100 : 20
/** 100 nodes have the 3,000 read units a second of one partition of DynamoDB. */
const UNITS_PER_SECOND = 30 * NODES
const DAY_MINUTES = 24 * 60
const [NEAREST, OTHER] = ['eu-west-1', 'us-east-1']

/** Nodes that know this number of apps leave a region, return after a day with this number of changes, and follow. */
function returnAfterDay({ apps, changes }: Readonly<Record<'apps' | 'changes', number>>) {
  const time = new VirtualTime()
  const random = createRandom('return')
  return withVirtualGlobals(time, random.next, async () => {
    // Each node has functions of its own, so that none reads what another has read before.
    const world = new SimulatedWorld(time, random, {
      ...CALM,
      regions: [NEAREST, OTHER],
      environments: NODES,
    })
    const { nearest } = world
    const known = Array.from({ length: apps }, (_, i) => world.appOf(`app-${i}`, `key-${i}`))
    for (const app of known) world.write(app.id, app)
    await time.run(10 * SECOND)
    const nodes = Array.from({ length: NODES }, (_, i) => {
      const saved = known.map((app) => ({ app, readAt: 0 }))
      const options = { ...NODE, hasSnapshot: true }
      return new SimulatedNode({ createAppLookup }, world, random.fork(`node ${i}`), options, saved)
    })
    const follow = (region: string) =>
      nodes.every(({ lookup }) => {
        const { revalidation, regions } = lookup.stats()
        return (
          revalidation.feed === 'following' && regions.find(({ inUse }) => inUse)?.origin.includes(region)
        )
      })
    for (const { lookup } of nodes) void lookup.findById('app-0')
    await time.run(2 * MINUTE)
    expect(follow(NEAREST)).toBe(true)
    nearest.isDown = true
    await time.run(MINUTE)
    expect(follow(OTHER)).toBe(true)

    const { log } = nearest.stack
    Object.assign(log, { unitsPerSecond: UNITS_PER_SECOND, maxRead: 5_000 })
    for (const node of nodes) node.pause(DAY_MINUTES * MINUTE)
    for (let minute = 0; minute < DAY_MINUTES; minute += 1) {
      log.fill(Math.ceil(changes / DAY_MINUTES))
      await time.run(MINUTE)
    }
    nearest.isDown = false
    let seconds = 0
    for (; !follow(NEAREST) && seconds < 300; seconds += 1) await time.run(SECOND)
    return { seconds, throttled: log.throttled }
  })
}

it.each([
  ['start anew', 100, 30_000],
  ['read on', 1_000, 8_000],
])(
  `${NODES} nodes that return after a day and %s follow within a minute, and no read of the log is throttled`,
  async (_, apps, changes) => {
    const { seconds, throttled } = await returnAfterDay({ apps, changes })
    expect(seconds).toBeLessThanOrEqual(60)
    expect(throttled).toBe(0)
  },
)
