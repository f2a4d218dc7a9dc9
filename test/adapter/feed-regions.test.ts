import { describe, expect, it } from 'vitest'
import { MINUTE, SECOND } from '../support/virtual-time.ts'
import { appOf, idsOf, startWorld, type WorldOptions } from './world/node.ts'
import { json } from './world/region.ts'

/** A node with two regions that follows the near one, and has read all apps. */
async function startTwoRegions(options: WorldOptions = {}) {
  const world = await startWorld({ apps: 30, regions: 2, unknownLookupsPerSecond: 10_000, ...options })
  const { time } = world
  const [near, far] = world.regions
  if (near === undefined || far === undefined) throw new Error('no regions')
  await time.run(SECOND)
  for (const id of idsOf(30)) void world.lookup.findById(id)
  for (const id of idsOf(30)) world.users.add(id)
  await time.run(2 * MINUTE)
  world.told.length = 0
  /** Writes an app near, and far when it has been replicated. */
  const write = (id: string, app: ReturnType<typeof appOf> | undefined, lagMs = 500) => {
    near.write(id, app)
    time.inBackground(lagMs, () => far.write(id, app))
  }
  const inUse = () => world.lookup.stats().regions.findIndex((region) => region.inUse)
  const feed = () => world.lookup.stats().revalidation
  return { ...world, near, far, write, inUse, feed }
}

describe('a node that follows one of two regions', () => {
  it('polls only the one in use', async () => {
    const { near, far, feed } = await startTwoRegions()
    expect(feed()).toMatchObject({ feed: 'following', followedApps: 30 })
    expect(near.count('poll')).toBeGreaterThan(20)
    expect(far.count('poll')).toBe(0)
  })

  it('follows the other one after a failover, with responses of that one only, and closes no sockets', async () => {
    const { near, far, time, write, inUse, feed, told, lookup } = await startTwoRegions()
    near.gateway.isDown = true
    const since = time.now
    await time.run(30 * SECOND)
    expect(inUse()).toBe(1)
    expect(feed()).toMatchObject({ feed: 'following', followedApps: 30 })
    expect(far.count('batch', since)).toBeLessThanOrEqual(2)
    expect(far.count('lookup', since)).toBe(0)
    expect(told).toEqual([])
    write('app-3', appOf('app-3', { enabled: false }))
    await time.run(10 * SECOND)
    expect(told).toMatchObject([{ id: 'app-3', app: { enabled: false } }])
    expect(lookup.stats().lookups.unavailable).toBe(0)
  })

  it('polls the other one as soon as the first no longer answers, at the longest interval too', async () => {
    const { near, far, time, inUse, lookup } = await startTwoRegions({ feedPollIntervalMs: 20_000 })
    const polls = near.count('poll')
    while (near.count('poll') === polls) await time.run(SECOND)
    near.gateway.isDown = true
    lookup.findById('unknown').catch(() => {})
    while (inUse() === 0) await time.run(100)
    await time.run(100)
    expect(far.count('poll')).toBe(1)
  })

  it('continues with the cursor of a region when it returns to it, and misses no change', async () => {
    const { near, time, write, inUse, feed, told } = await startTwoRegions()
    near.gateway.isDown = true
    await time.run(5 * MINUTE)
    write('app-5', appOf('app-5', { enabled: false }), 10 * MINUTE)
    near.gateway.isDown = false
    const since = time.now
    await time.run(20 * SECOND)
    expect(inUse()).toBe(0)
    expect(told).toMatchObject([{ id: 'app-5', app: { enabled: false } }])
    expect(feed()).toMatchObject({ feed: 'following', followedApps: 30 })
    const polls = near.arrivals.filter(({ at, request }) => at >= since && request.kind === 'poll')
    expect(polls.every(({ request }) => request.path.startsWith('/changes?since='))).toBe(true)
  })

  it('stays with a region that answers lookups but not polls', async () => {
    const { near, far, time, inUse, feed, lookup } = await startTwoRegions()
    near.replies.poll = () => json(500, { code: 'internal' })
    await time.run(10 * MINUTE)
    expect(inUse()).toBe(0)
    expect(feed().feed).toBe('no-answer')
    expect(far.count('poll')).toBe(0)
    expect(lookup.stats().lookups).toMatchObject({ unavailable: 0, stale: 0 })
  })

  it('stays with a region that has no feed', async () => {
    const { near, far, time, inUse, feed } = await startTwoRegions()
    near.replies.poll = () => json(404, { message: 'Not Found' })
    const since = time.now
    await time.run(10 * MINUTE)
    expect(inUse()).toBe(0)
    expect(feed().feed).toBe('no-feed')
    expect(far.arrivals.filter(({ at }) => at > since)).toEqual([])
  })

  it('closes no sockets because the other region lags behind', async () => {
    const { near, far, time, write, told, lookup } = await startTwoRegions()
    write('app-new', appOf('app-new'), 20 * MINUTE)
    const found = lookup.findById('app-new')
    await time.run(SECOND)
    expect(await found).toBeDefined()
    near.gateway.isDown = true
    for (let minute = 0; minute < 10; minute += 1) {
      await time.run(MINUTE)
      const again = lookup.findById('app-new')
      await time.run(SECOND)
      expect(await again).toBeDefined()
    }
    expect(told.filter(({ app }) => app === undefined)).toEqual([])
    expect(far.count('batch')).toBeGreaterThan(0)
  })
})
