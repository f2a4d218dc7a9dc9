import { expect } from 'vitest'
import { createAppLookup } from '../../../adapter/lookup/lookup.ts'
import { createRandom } from '../../support/random.ts'
import { MINUTE, SECOND, VirtualTime, withVirtualGlobals } from '../../support/virtual-time.ts'
import { NODE, SimulatedNode } from './simulated-node.ts'
import { CALM, SimulatedWorld, type WorldOptions } from './simulated-world.ts'

/** A node that follows all apps of its world. Half of them have an open socket. */
export type Stage = {
  readonly world: SimulatedWorld
  readonly node: SimulatedNode
  /** Looks up apps by their keys for this number of seconds. */
  readonly look: (seconds: number, perSecond?: number) => Promise<void>
  /** The keys whose lookup found no app. */
  readonly wrong: readonly string[]
}

export function onStage(
  { apps, ...options }: Partial<WorldOptions> & { readonly apps: number },
  run: (stage: Stage) => Promise<void>,
): Promise<void> {
  const time = new VirtualTime()
  const random = createRandom('stage')
  return withVirtualGlobals(time, random.next, async () => {
    const world = new SimulatedWorld(time, random, { ...CALM, ...options })
    for (let i = 0; i < apps; i += 1) world.write(`app-${i}`, world.appOf(`app-${i}`, `key-of-app-${i}`))
    await time.run(10 * SECOND)
    const node = new SimulatedNode({ createAppLookup }, world, random.fork('node'), NODE)
    const wrong: string[] = []
    const look = async (seconds: number, perSecond = 10) => {
      for (let s = 0; s < seconds; s += 1) {
        for (let i = 0; i < perSecond; i += 1) {
          const key = `key-of-app-${random.whole(0, apps - 1)}`
          void node.find('key', key).then((app) => app ?? wrong.push(key))
        }
        await time.run(SECOND)
      }
    }
    for (let i = 0; i < apps; i += 1) {
      if (i % 2 === 0) void node.connect(`key-of-app-${i}`)
      else void node.find('id', `app-${i}`)
      if (i % 20 === 0) await time.run(SECOND)
    }
    await time.run(2 * MINUTE)
    expect(node.lookup.stats().revalidation).toMatchObject({ feed: 'following', followedApps: apps })
    expect(node.sockets.size).toBe(apps / 2)
    await run({ world, node, look, wrong })
  })
}
