import { describe, expect, it } from 'vitest'
import { MINUTE, SECOND } from '../support/virtual-time.ts'
import { appOf, idsOf, startFollowingNode, startWorld } from './world/node.ts'
import { itemsOf, type Region } from './world/region.ts'

describe('a node that follows', () => {
  it('looks an app up once, and revalidates it before 15 minutes have passed', async () => {
    const { near, time, find, feed } = await startFollowingNode()
    expect(feed()).toMatchObject({ feed: 'following', followedApps: 3 })
    const since = time.now
    for (let s = 0; s < 600; s += 5) {
      expect(await find('app-0')).toBeDefined()
      await time.run(4_900)
    }
    expect(near.count('lookup', since) + near.count('batch', since)).toBe(0)
    await time.run(5 * MINUTE)
    expect(near.count('lookup', since)).toBe(0)
    expect(near.count('batch', since)).toBe(1)
  })

  it('polls every 5 s, ± 10 %', async () => {
    const { near, time } = await startFollowingNode()
    await time.run(10 * MINUTE)
    const gaps = gapsOfPolls(near)
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(4_500)
    expect(Math.max(...gaps)).toBeLessThanOrEqual(5_500)
    expect(new Set(gaps.map(Math.round)).size).toBeGreaterThan(20)
  })

  it('polls every second only when a function reads the change log again', async () => {
    const { near, time } = await startFollowingNode({ feedPollIntervalMs: SECOND })
    await time.run(MINUTE)
    const gaps = gapsOfPolls(near)
    expect(Math.min(...gaps)).toBeGreaterThan(SECOND)
    expect(Math.max(...gaps)).toBeLessThanOrEqual(1_100)
  })

  it('applies a change to open sockets within seconds, and reads only that app', async () => {
    const { near, time, users, told } = await startFollowingNode({ apps: 50 })
    for (const id of idsOf(50)) users.add(id)
    const since = time.now
    near.write('app-7', appOf('app-7', { enabled: false }))
    await time.run(8 * SECOND)
    expect(told).toMatchObject([{ id: 'app-7', app: { enabled: false } }])
    const [batch, ...others] = near.arrivals.filter(
      ({ at, request }) => at > since && request.kind === 'batch',
    )
    expect(others).toEqual([])
    expect(batch && itemsOf(batch.request).map(({ id }) => id)).toEqual(['app-7'])
  })

  it('makes a lookup of a changed app wait for the queue, and sends no single lookup', async () => {
    const { near, time, lookup } = await startFollowingNode({ apps: 50 })
    await time.run(2 * MINUTE)
    const since = time.now
    for (let s = 0; s < 300; s += 1) {
      near.write(`app-${s % 50}`, appOf(`app-${s % 50}`))
      for (let i = 0; i < 10; i += 1) {
        void lookup.findByKey(`key-of-app-${(s * 7 + i) % 50}`)
        await time.run(100)
      }
    }
    expect(near.count('lookup', since)).toBe(0)
    expect(near.count('batch', since)).toBeLessThanOrEqual(300)
    expect(lookup.stats().lookups.unavailable).toBe(0)
  })

  it('makes a lookup of an app that is being read wait for that read, and for no other', async () => {
    const { near, time, lookup } = await startFollowingNode()
    await time.run(2 * MINUTE)
    const since = time.now
    near.latencyOf = ({ kind }) => (kind === 'batch' ? 800 : 20)
    near.write('app-0', appOf('app-0'))
    while (near.count('batch', since) === 0) await time.run(10)
    let foundAt: number | undefined
    void lookup.findById('app-0').then(() => {
      foundAt = time.now
    })
    const sentAt = time.now
    await time.run(3 * SECOND)
    expect(foundAt).toBeLessThanOrEqual(sentAt + 800)
    expect(near.count('batch', since)).toBe(1)
    expect(near.count('lookup', since)).toBe(0)
  })

  it('makes a lookup wait for such a read for 1.5 s at most', async () => {
    const { near, time, lookup } = await startFollowingNode()
    await time.run(2 * MINUTE)
    const since = time.now
    near.latencyOf = ({ kind }) => (kind === 'batch' ? 4 * SECOND : 20)
    near.write('app-0', appOf('app-0', { enabled: false }))
    while (near.count('batch', since) === 0) await time.run(10)
    const sentAt = time.now
    const app = await time.wait(lookup.findById('app-0'))
    expect(app).toMatchObject({ enabled: false })
    expect(time.now - sentAt).toBeGreaterThanOrEqual(1_500)
    expect(time.now - sentAt).toBeLessThanOrEqual(1_600)
    expect(near.count('lookup', since)).toBe(1)
  })

  it('knows a new key within seconds, and no longer the old one', async () => {
    const { near, time, lookup } = await startFollowingNode()
    near.write('app-0', appOf('app-0', { key: 'new-key' }))
    await time.run(8 * SECOND)
    const [byNew, byOld] = [lookup.findByKey('new-key'), lookup.findByKey('key-of-app-0')]
    await time.run(SECOND)
    expect(await byNew).toMatchObject({ id: 'app-0' })
    expect(await byOld).toBeUndefined()
  })

  it('treats an app as deleted after a second consistent read, 5 s later', async () => {
    const { near, time, users, told } = await startFollowingNode()
    users.add('app-0')
    near.write('app-0', undefined)
    const deletedAt = time.now
    await time.run(14 * SECOND)
    expect(told).toMatchObject([{ id: 'app-0', app: undefined }])
    const reads = near.arrivals.filter(({ at, request }) => at > deletedAt && request.kind === 'batch')
    expect((reads[1]?.at ?? 0) - (reads[0]?.at ?? 0)).toBeGreaterThanOrEqual(5 * SECOND)
  })

  it('treats each of many apps that are deleted one after the other as deleted in time', async () => {
    const { near, time, lookup } = await startFollowingNode({ apps: 200, feedPollIntervalMs: 1_000 })
    const goneAfter: number[] = []
    const deletedAt = new Map<string, number>()
    lookup.onChange((id, app) => {
      if (app === undefined) goneAfter.push(time.now - (deletedAt.get(id) ?? 0))
    })
    for (const id of idsOf(30)) {
      near.write(id, undefined)
      deletedAt.set(id, time.now)
      await time.run(SECOND / 2)
    }
    await time.run(MINUTE)
    expect(goneAfter).toHaveLength(30)
    expect(Math.max(...goneAfter)).toBeLessThan(10 * SECOND)
  })

  it('does not treat an app as deleted that a tool deletes and creates again', async () => {
    const { near, time, users, told, find } = await startFollowingNode()
    users.add('app-0')
    near.latencyOf = () => 1
    near.lags.delayMs = 60
    // So that a read is in the gap, whenever the poll comes.
    for (let i = 0; i < 50; i += 1) {
      near.write('app-0', undefined)
      await time.run(4 * SECOND)
      near.write('app-0', appOf('app-0'))
      await time.run(9 * SECOND)
    }
    expect(told.filter(({ app }) => app === undefined)).toEqual([])
    expect(await find('app-0')).toBeDefined()
  })

  it('delays a mass deletion by 5 minutes', async () => {
    const { near, time, users, told } = await startFollowingNode({ apps: 20 })
    for (const id of idsOf(20)) users.add(id)
    for (const id of idsOf(20)) near.write(id, undefined)
    await time.run(5 * MINUTE)
    expect(told).toEqual([])
    await time.run(2 * MINUTE)
    expect(told).toHaveLength(20)
  })

  it('revalidates an app that has open sockets and was evicted', async () => {
    const { near, time, users, told } = await startFollowingNode({ apps: 30, maxCachedApps: 10 })
    users.add('app-0')
    await time.run(15 * SECOND)
    near.write('app-0', appOf('app-0', { enabled: false }))
    await time.run(10 * SECOND)
    expect(told.at(-1)).toMatchObject({ id: 'app-0', app: { enabled: false } })
  })
})

describe('a restart', () => {
  it('revalidates the apps of the snapshot in batches of 100', async () => {
    const readings = idsOf(500).map((id) => ({ app: appOf(id), readAt: 0 }))
    const snapshot = { load: () => readings, save: async () => {} }
    const { near, time, lookup } = await startWorld({
      apps: 500,
      snapshotFile: 'none',
      ports: { createSnapshot: () => snapshot },
    })
    await time.run(10 * SECOND)
    expect(near.count('batch')).toBe(5)
    expect(near.count('lookup')).toBe(0)
    expect(lookup.stats().revalidation.followedApps).toBe(500)
  })
})

/** The times between the polls that a region got, in ms. */
function gapsOfPolls({ arrivals }: Region): number[] {
  const polls = arrivals.filter(({ request }) => request.kind === 'poll').map(({ at }) => at)
  return polls.slice(1).map((at, i) => at - (polls[i] ?? 0))
}
