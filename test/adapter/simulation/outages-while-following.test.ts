import { expect, it } from 'vitest'
import type { RequestKind } from '../../../adapter/lookup/endpoint/request.ts'
import { MINUTE, SECOND } from '../../support/virtual-time.ts'
import { EVERY_KIND } from '../world/request-history.ts'
import { onStage, type Stage } from './stage.ts'

const APPS = 50

function change({ world }: Stage, i: number, enabled = true): void {
  world.write(`app-${i}`, world.appOf(`app-${i}`, `key-of-app-${i}`, enabled))
}

it('an outage of 50 minutes while a node follows hides no app, closes no sockets, and ends', () =>
  onStage({ apps: APPS }, async (stage) => {
    const { world, node, look, wrong } = stage
    const since = world.time.now
    world.nearest.isDown = true
    await look(50 * 60, 1)
    expect(wrong).toEqual([])
    expect(node.violations).toEqual([])
    expect(node.sockets.size).toBe(APPS / 2)
    expect(node.history.mostWithin(MINUTE, EVERY_KIND, since) / 60).toBeLessThanOrEqual(1.2)

    change(stage, 2, false)
    world.nearest.isDown = false
    await look(40, 1)
    expect([...node.sockets.keys()]).not.toContain('app-2')
    expect(node.sockets.size).toBe(APPS / 2 - 1)
    expect(node.lookup.stats().revalidation).toMatchObject({ feed: 'following', followedApps: APPS })
  }))

it('a failover to a region that lags while a node follows, and back, hides no app and closes no sockets', () =>
  onStage({ apps: APPS, regions: ['eu-west-1', 'us-east-1'], replicationMs: 20_000 }, async (stage) => {
    const { world, node, look, wrong } = stage
    const since = world.time.now
    const live = async (minutes: number) => {
      for (let i = 0; i < minutes; i += 1) {
        change(stage, i)
        await look(60, 1)
      }
    }
    world.nearest.isDown = true
    await live(10)
    expect(node.lookup.stats().revalidation).toMatchObject({ feed: 'following', followedApps: APPS })
    world.nearest.isDown = false
    await live(10)
    expect(node.lookup.stats().revalidation).toMatchObject({ feed: 'following', followedApps: APPS })
    expect(wrong).toEqual([])
    expect(node.violations).toEqual([])
    expect(node.sockets.size).toBe(APPS / 2)
    const arrivals = node.history.exchanges.filter(({ region }) => region !== world.nearest.stack.region)
    expect(arrivals.length).toBeGreaterThan(100)
    const mostOf = (kinds: readonly RequestKind[]) => node.history.mostWithin(10 * SECOND, kinds, since) / 10
    expect(mostOf(['lookup', 'batch', 'poll'])).toBeLessThanOrEqual(1.2)
    // The region in outage is probed, at first twice per second.
    expect(mostOf(['probe'])).toBeLessThanOrEqual(2.5)
  }))
