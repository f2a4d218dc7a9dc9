import { describe, expect, it } from 'vitest'
import { createAppLookup } from '../../../adapter/lookup/lookup.ts'
import { createRandom } from '../../support/random.ts'
import { MINUTE, SECOND, VirtualTime, withVirtualGlobals } from '../../support/virtual-time.ts'
import { EVERY_KIND } from '../world/request-history.ts'
import { NODE, SimulatedNode } from './simulated-node.ts'
import { CALM, SimulatedWorld } from './simulated-world.ts'

/** `SURGE=full npx vitest run test/adapter/simulation/surge.test.ts` takes minutes. */
const [NODES, APPS, LOOKUPS_PER_SECOND] = process.env.SURGE === 'full' ? [100, 1_000, 10] : [20, 250, 1]
const PER_SECOND = 1.2

/** Many nodes at one API that follow all apps and look them up continuously. */
type Fleet = {
  readonly world: SimulatedWorld
  readonly nodes: readonly SimulatedNode[]
  readonly look: (ms: number) => Promise<void>
  readonly failures: readonly string[]
  /** How many nodes are in each state. */
  readonly feeds: () => Record<string, number>
}

function withFleet(run: (fleet: Fleet) => Promise<void>): Promise<void> {
  const time = new VirtualTime()
  const random = createRandom('surge')
  return withVirtualGlobals(time, random.next, async () => {
    const world = new SimulatedWorld(time, random, CALM)
    const apps = Array.from({ length: APPS }, (_, i) => world.appOf(`app-${i}`, `key-${i}`))
    for (const app of apps) world.write(app.id, app)
    await time.run(10 * SECOND)
    const nodes = Array.from({ length: NODES }, (_, i) => {
      const saved = apps.map((app) => ({ app, readAt: 0 }))
      return new SimulatedNode(
        { createAppLookup },
        world,
        random.fork(`node ${i}`),
        { ...NODE, hasSnapshot: true },
        saved,
      )
    })
    const failures: string[] = []
    const look = async (ms: number) => {
      for (const endsAt = time.now + ms; time.now < endsAt; await time.run(SECOND))
        for (const { lookup } of nodes)
          for (let i = 0; i < LOOKUPS_PER_SECOND; i += 1)
            lookup.findByKey(`key-${random.whole(0, APPS - 1)}`).then(
              (app) => app ?? failures.push('no such app'),
              (error) => failures.push(error.code),
            )
    }
    const feeds = () => {
      const counts: Record<string, number> = {}
      for (const { lookup } of nodes) {
        const { feed } = lookup.stats().revalidation
        counts[feed] = (counts[feed] ?? 0) + 1
      }
      return counts
    }
    await look(2 * MINUTE)
    expect(feeds()).toEqual({ following: NODES })
    await run({ world, nodes, look, failures, feeds })
  })
}

function killHeartbeat({ nearest, time }: SimulatedWorld): void {
  for (const shard of [0, 1]) nearest.stack.stream.hold(shard, time.now + 6 * MINUTE)
}

/** The maximum number of requests of one node in a minute. */
function mostOfOne(nodes: readonly SimulatedNode[], since: number, kinds = EVERY_KIND): number {
  return Math.max(...nodes.map(({ history }) => history.mostWithin(MINUTE, kinds, since)))
}

/** The maximum number of requests per second and node, over ten seconds of all nodes. */
function mostOfAll(nodes: readonly SimulatedNode[], since: number): number {
  const spans = new Map<number, number>()
  for (const { sentAt } of nodes.flatMap(({ history }) => history.exchanges)) {
    const span = Math.floor((sentAt - since) / (10 * SECOND))
    if (span >= 0) spans.set(span, (spans.get(span) ?? 0) + 1)
  }
  return Math.max(...spans.values()) / 10 / NODES
}

describe(`${NODES} nodes whose heartbeat dies at once`, () => {
  it(`stay below ${PER_SECOND} requests a second each, and follow again after it`, () =>
    withFleet(async ({ world, nodes, look, failures, feeds }) => {
      const since = world.time.now
      killHeartbeat(world)
      await look(5 * MINUTE)
      expect(feeds()).toEqual({ 'no-heartbeat': NODES })
      // A batch a second, and a poll every 4.5 to 5.5 s.
      expect(mostOfOne(nodes, since)).toBeLessThanOrEqual(60 + 14)
      expect(mostOfOne(nodes, since, ['lookup', 'probe'])).toBe(0)
      expect(mostOfAll(nodes, since)).toBeLessThanOrEqual(PER_SECOND)
      await look(4 * MINUTE)
      expect(feeds()).toEqual({ following: NODES })
      expect(failures).toEqual([])
    }))

  it('all follow again when the API is throttled at half of that', () =>
    withFleet(async ({ world, look, failures, feeds }) => {
      killHeartbeat(world)
      world.nearest.lookups.perSecond = (PER_SECOND / 2) * NODES
      await look(6 * MINUTE)
      world.nearest.lookups.perSecond = Number.POSITIVE_INFINITY
      await look(4 * MINUTE)
      expect(feeds()).toEqual({ following: NODES })
      expect(failures).toEqual([])
    }))
})
