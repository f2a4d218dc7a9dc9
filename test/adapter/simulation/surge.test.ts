import { expect, it } from 'vitest'
import { createAppLookup } from '../../../adapter/lookup/lookup.ts'
import { createRandom } from './random.ts'
import { NODE, SimulatedNode } from './simulated-node.ts'
import { VirtualTime, withVirtualGlobals } from './virtual-time.ts'
import { CALM, World } from './world.ts'

const SECOND = 1_000
const MINUTE = 60_000
const NODES = 100
const APPS = 100
const PER_SECOND = 1.2

/** A hundred nodes that follow, and that look up every app again and again. */
function onStage<T>(
  run: (world: World, nodes: SimulatedNode[], look: (ms: number) => Promise<void>) => Promise<T>,
) {
  const time = new VirtualTime()
  const random = createRandom('surge')
  return withVirtualGlobals(time, random.next, async () => {
    const world = new World(time, random, CALM)
    for (let i = 0; i < APPS; i += 1) world.write(`app-${i}`, world.appOf(`app-${i}`, `key-${i}`))
    await time.run(10 * SECOND)
    const nodes = Array.from(
      { length: NODES },
      (_, i) => new SimulatedNode({ createAppLookup }, world, random.fork(`node ${i}`), NODE),
    )
    const look = async (ms: number) => {
      for (const endsAt = time.now + ms; time.now < endsAt; await time.run(5 * SECOND))
        for (const node of nodes)
          for (let i = 0; i < 5; i += 1)
            void node.lookup.findById(`app-${random.whole(0, APPS - 1)}`).catch(() => {})
    }
    await look(2 * MINUTE)
    return run(world, nodes, look)
  })
}

const following = (nodes: readonly SimulatedNode[]) =>
  nodes.filter(({ lookup }) => lookup.stats().revalidation.feed === 'following').length

/** The most requests that a node sent in any minute, a second. */
function mostEach(nodes: readonly SimulatedNode[], since: number): number {
  const kinds = ['lookup', 'batch', 'poll', 'probe'] as const
  return Math.max(...nodes.map(({ traffic }) => traffic.mostWithin(MINUTE, kinds, since))) / 60
}

it('falls back without a surge when the heartbeat of 100 nodes dies, and follows again', {
  timeout: 180_000,
}, async () => {
  await onStage(async (world, nodes, look) => {
    expect(following(nodes)).toBe(NODES)
    const since = world.time.now
    world.nearest.stack.stream.hold(0, since + 6 * MINUTE)
    world.nearest.stack.stream.hold(1, since + 6 * MINUTE)
    await look(5 * MINUTE)
    expect(following(nodes)).toBe(0)
    expect(mostEach(nodes, since)).toBeLessThan(PER_SECOND)
    await look(4 * MINUTE)
    expect(following(nodes)).toBe(NODES)
  })
})

it('follows again after the API was throttled at half of what a fallback takes', {
  timeout: 180_000,
}, async () => {
  await onStage(async (world, nodes, look) => {
    const since = world.time.now
    for (const shard of [0, 1]) world.nearest.stack.stream.hold(shard, since + 6 * MINUTE)
    world.nearest.lookups.perSecond = (PER_SECOND / 2) * NODES
    await look(6 * MINUTE)
    world.nearest.lookups.perSecond = Number.POSITIVE_INFINITY
    await look(4 * MINUTE)
    expect(following(nodes)).toBe(NODES)
  })
})
