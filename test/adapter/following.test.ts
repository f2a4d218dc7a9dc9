import { describe, expect, it } from 'vitest'
import { idsOf, itemsOf, startFollowing } from './scripted/following.ts'
import { appOf, startWorld } from './scripted/node.ts'
import { json, type SimulatedRegion } from './scripted/region.ts'
import { Stream } from './scripted/stream.ts'
import { VirtualTime } from './virtual-time.ts'

const SECOND = 1_000
const MINUTE = 60_000

describe('a node that follows', () => {
  it('asks for an app once, and revalidates it before 15 minutes are over', async () => {
    const { near, time, find, feed } = await startFollowing()
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
    const { near, time } = await startFollowing()
    await time.run(10 * MINUTE)
    const gaps = gapsOfPolls(near)
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(4_500)
    expect(Math.max(...gaps)).toBeLessThanOrEqual(5_500)
    expect(new Set(gaps.map(Math.round)).size).toBeGreaterThan(20)
  })

  it('polls every second only when a function reads the change log again', async () => {
    const { near, time } = await startFollowing({ feedPollIntervalMs: SECOND })
    await time.run(MINUTE)
    const gaps = gapsOfPolls(near)
    expect(Math.min(...gaps)).toBeGreaterThan(SECOND)
    expect(Math.max(...gaps)).toBeLessThanOrEqual(1_100)
  })

  it('tells open sockets of a change within seconds, and asks for that app alone', async () => {
    const { near, time, users, told } = await startFollowing({ apps: 50 })
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

  it('has a lookup of a changed app wait for the queue, and asks for no app by itself', async () => {
    const { near, time, lookup } = await startFollowing({ apps: 50 })
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

  it('has a lookup of an app that is being read wait for that, and not for another read', async () => {
    const { near, time, lookup } = await startFollowing()
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

  it('knows a new key within seconds, and the old one no more', async () => {
    const { near, time, lookup } = await startFollowing()
    near.write('app-0', appOf('app-0', { key: 'new-key' }))
    await time.run(8 * SECOND)
    const [byNew, byOld] = [lookup.findByKey('new-key'), lookup.findByKey('key-of-app-0')]
    await time.run(SECOND)
    expect(await byNew).toMatchObject({ id: 'app-0' })
    expect(await byOld).toBeUndefined()
  })

  it('believes that an app is gone after a second consistent read, 5 s later', async () => {
    const { near, time, users, told } = await startFollowing()
    users.add('app-0')
    near.write('app-0', undefined)
    const deletedAt = time.now
    await time.run(14 * SECOND)
    expect(told).toMatchObject([{ id: 'app-0', app: undefined }])
    const reads = near.arrivals.filter(({ at, request }) => at > deletedAt && request.kind === 'batch')
    expect((reads[1]?.at ?? 0) - (reads[0]?.at ?? 0)).toBeGreaterThanOrEqual(5 * SECOND)
  })

  it('does not believe that an app is gone which a tool deletes and puts again', async () => {
    const { near, time, users, told, find } = await startFollowing()
    users.add('app-0')
    near.faults.latencyMs = 1
    near.stream.faults.delayMs = 60
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

  it('holds a mass deletion back for 5 minutes', async () => {
    const { near, time, users, told } = await startFollowing({ apps: 20 })
    for (const id of idsOf(20)) users.add(id)
    for (const id of idsOf(20)) near.write(id, undefined)
    await time.run(5 * MINUTE)
    expect(told).toEqual([])
    await time.run(2 * MINUTE)
    expect(told).toHaveLength(20)
  })

  it('revalidates an app that has open sockets and was evicted', async () => {
    const { near, time, users, told } = await startFollowing({ apps: 30, maxCachedApps: 10 })
    users.add('app-0')
    await time.run(15 * SECOND)
    near.write('app-0', appOf('app-0', { enabled: false }))
    await time.run(10 * SECOND)
    expect(told.at(-1)).toMatchObject({ id: 'app-0', app: { enabled: false } })
  })
})

describe('an app is followed', () => {
  it('until a hint names it', async () => {
    const { near, time, feed } = await startFollowing()
    near.faults.answers.batch = () => ({ fault: 'ECONNRESET' })
    near.write('app-0', appOf('app-0'))
    await time.run(8 * SECOND)
    expect(feed().followedApps).toBe(2)
  })

  it('for 15 minutes at most: then a change is known though its shard is blocked', async () => {
    const { near, time, find, lookup } = await startFollowing()
    await time.run(MINUTE)
    near.stream.faults.blocked.add(Stream.shardOf('app-1'))
    near.write('app-1', appOf('app-1', { enabled: false }))
    await time.run(8 * MINUTE)
    expect(await find('app-1')).toMatchObject({ enabled: true })
    expect(lookup.stats().revalidation.feed).toBe('following')
    await time.run(7 * MINUTE)
    expect(await find('app-1')).toMatchObject({ enabled: false })
  })

  it('from a consistent read only', async () => {
    const { near, time, feed, find } = await startFollowing({ apps: 0 })
    near.faults.answers.batch = () => ({ fault: 'ECONNRESET' })
    near.table.put('app-0', appOf('app-0'))
    await find('app-0')
    await time.run(10 * SECOND)
    expect(feed()).toMatchObject({ feed: 'following', followedApps: 0 })
  })

  it('not from a read during which a hint came', async () => {
    const { near, time, find, feed } = await startFollowing({ apps: 1, feedPollIntervalMs: 1_000 })
    near.stream.faults.delayMs = 51
    const before = near.table.byId('app-0')
    let answeredAt = 0
    // The read gets the old app. The hint of the next change arrives before its response.
    near.faults.answers.batch = () => {
      delete near.faults.answers.batch
      return json(200, { results: [{ status: 200, app: before, etag: '"1"', age: 0, consistent: true }] })
    }
    near.latencyOf = ({ kind }) => {
      if (kind !== 'batch' || answeredAt > 0) return 20
      near.write('app-0', appOf('app-0', { enabled: false }))
      answeredAt = time.now + 2_900
      return 2_900
    }
    near.write('app-0', appOf('app-0'))
    while (answeredAt === 0) await time.run(10)
    const { unchanged } = feed().outcomes
    await time.run(answeredAt - time.now - 5)
    expect(feed().hints).toBe(2)
    await time.run(10)
    expect(feed().outcomes.unchanged).toBe(unchanged + 1)
    expect(feed().followedApps).toBe(0)
    await time.run(3 * SECOND)
    expect(await find('app-0')).toMatchObject({ enabled: false })
    expect(feed().followedApps).toBe(1)
  })

  it('not from a read that began before the first poll of its cursor had arrived', async () => {
    const { near, time, feed, find } = await startFollowing({ apps: 1, feedPollIntervalMs: 1_000 })
    await time.run(2 * MINUTE)
    const before = near.table.byId('app-0')
    let isRead = false
    near.faults.answers.batch = () => {
      delete near.faults.answers.batch
      isRead = true
      // The app changes after the read, and the stream with this change is replaced.
      near.table.put('app-0', appOf('app-0', { enabled: false }))
      near.log.beginEpoch()
      return json(200, { results: [{ status: 200, app: before, etag: '"1"', age: 0, consistent: true }] })
    }
    near.latencyOf = ({ kind }) => (kind === 'batch' && !isRead ? 2_500 : 20)
    near.write('app-0', appOf('app-0'))
    while (!isRead) await time.run(10)
    await time.run(8 * SECOND)
    expect(near.arrivals.filter(({ request }) => request.path === '/changes')).toHaveLength(2)
    expect(await find('app-0')).toMatchObject({ enabled: false })
    expect(feed().followedApps).toBe(1)
  })

  it('not where the endpoint does not read consistently, which is told, and asked again a minute later', async () => {
    const { near, time, feed, lines } = await startFollowing({ apps: 1 })
    near.faults.ignoresConsistent = true
    near.write('app-0', appOf('app-0'))
    const since = time.now
    await time.run(10 * SECOND)
    expect(feed()).toMatchObject({ feed: 'not-consistent', followedApps: 0 })
    await time.run(5 * MINUTE)
    expect(near.count('batch', since)).toBeLessThanOrEqual(25)
    expect(lines.join()).toContain('the endpoint does not read consistently')
    near.faults.ignoresConsistent = false
    await time.run(2 * MINUTE)
    expect(feed()).toMatchObject({ feed: 'following', followedApps: 1 })
  })
})

describe('an answer that is not 200, 304 or 404', () => {
  it('stays in the queue, with a growing wait, and is followed when it is', async () => {
    const { near, time, feed } = await startFollowing({ apps: 10 })
    near.faults.partialBatches = 1
    const since = time.now
    for (const id of idsOf(10)) near.write(id, appOf(id))
    await time.run(10 * MINUTE)
    expect(feed().followedApps).toBe(0)
    expect(near.count('batch', since)).toBeLessThan(250)
    near.faults.partialBatches = 0
    await time.run(90 * SECOND)
    expect(feed()).toMatchObject({ followedApps: 10, queueLength: 0 })
  })
})

describe('a negative answer', () => {
  const miss = async (world: Awaited<ReturnType<typeof startFollowing>>, key: string) => {
    const found = world.lookup.findByKey(key)
    await world.time.run(SECOND)
    return found
  }

  it('is followed from a minute after the first poll on, and asked for no more', async () => {
    const world = await startFollowing()
    await miss(world, 'none')
    await world.time.run(6 * SECOND)
    const early = world.near.count('lookup')
    await miss(world, 'none')
    expect(world.near.count('lookup')).toBe(early + 1)
    await world.time.run(MINUTE)
    await miss(world, 'none')
    const since = world.time.now
    for (let i = 0; i < 20; i += 1) {
      await world.time.run(10 * SECOND)
      expect(await miss(world, 'none')).toBeUndefined()
    }
    expect(world.near.count('lookup', since)).toBe(0)
  })

  it('ends with a hint of its key, by its hash', async () => {
    const world = await startFollowing()
    await world.time.run(MINUTE)
    await miss(world, 'new-key')
    await world.time.run(MINUTE)
    world.near.write('new', appOf('new', { key: 'new-key' }))
    await world.time.run(8 * SECOND)
    expect(await miss(world, 'new-key')).toMatchObject({ id: 'new' })
  })

  it('by id ends with a hint of that id', async () => {
    const world = await startFollowing()
    await world.time.run(MINUTE)
    expect(await world.find('new')).toBeUndefined()
    await world.time.run(MINUTE)
    world.near.write('new', appOf('new'))
    await world.time.run(8 * SECOND)
    expect(await world.find('new')).toBeDefined()
  })

  it('by key ends with any hint of a stream without keys', async () => {
    const world = await startFollowing()
    world.near.stream.faults.keysOnly = true
    await world.time.run(MINUTE)
    await miss(world, 'new-key')
    await world.time.run(MINUTE)
    world.near.write('new', appOf('new', { key: 'new-key' }))
    await world.time.run(8 * SECOND)
    expect(await miss(world, 'new-key')).toMatchObject({ id: 'new' })
  })

  it('is not followed for a minute after a hint: the index may be behind', async () => {
    const world = await startFollowing()
    world.near.faults.indexLagMs = 0
    await world.time.run(2 * MINUTE)
    world.near.write('new', appOf('new', { key: 'new-key' }))
    await world.time.run(8 * SECOND)
    // The response of an index that does not have the app yet.
    world.near.faults.answers.lookup = () => json(404, { code: 'app-not-found', app: null }, { age: '0' })
    expect(await miss(world, 'new-key')).toBeUndefined()
    delete world.near.faults.answers.lookup
    await world.time.run(6 * SECOND)
    expect(await miss(world, 'new-key')).toMatchObject({ id: 'new' })
  })

  it('ends after 15 minutes though a shard is blocked', async () => {
    const world = await startFollowing()
    await world.time.run(MINUTE)
    await miss(world, 'new-key')
    world.near.stream.faults.blocked.add(Stream.shardOf('new'))
    world.near.write('new', appOf('new', { key: 'new-key' }))
    await world.time.run(16 * MINUTE)
    expect(await miss(world, 'new-key')).toMatchObject({ id: 'new' })
  })
})

describe('a cursor', () => {
  it('that has expired is replaced at once, and everything is revalidated', async () => {
    const { near, time, feed } = await startFollowing({ apps: 250 })
    await time.run(2 * MINUTE)
    expect(feed().followedApps).toBe(250)
    // Changes without hints.
    near.stream.faults.stalled = true
    near.write('app-9', appOf('app-9'))
    near.log.beginEpoch()
    near.stream.faults.stalled = false
    const since = time.now
    await time.run(10 * SECOND)
    expect(near.count('batch', since)).toBe(3)
    expect(near.count('lookup', since)).toBe(0)
    expect(feed()).toMatchObject({ feed: 'following', followedApps: 250 })
  })

  it('vouches for 30 s from its last poll, less the age of that answer', async () => {
    const { near, time, feed } = await startFollowing({ apps: 1, feedPollIntervalMs: 20_000 })
    near.faults.answers.poll = () =>
      json(200, { changes: [], cursor: '1.0', more: false, heartbeatAge: 0, age: 25 })
    const polls = near.count('poll')
    while (near.count('poll') === polls) await time.run(100)
    await time.run(4 * SECOND)
    expect(feed().feed).toBe('following')
    await time.run(2 * SECOND)
    expect(feed().feed).not.toBe('following')
  })

  it('vouches for 210 s from its newest heartbeat, which can not get older', async () => {
    const { near, time, feed } = await startFollowing({ apps: 1 })
    near.faults.answers.poll = () =>
      json(200, { changes: [], cursor: '1.0', more: false, heartbeatAge: 5_000, age: 0 })
    await time.run(2 * MINUTE)
    expect(feed().feed).toBe('following')
    await time.run(2 * MINUTE)
    expect(feed()).toMatchObject({ feed: 'no-heartbeat', followedApps: 0 })
  })

  it('with more hints than fit into a page is read to its end, and nothing is missed', async () => {
    const { near, time, lookup, feed } = await startFollowing({ apps: 100 })
    near.log.pageSize = 7
    for (const id of idsOf(100)) near.write(id, appOf(id, { enabled: false }))
    await time.run(15 * SECOND)
    expect(idsOf(100).every((id) => lookup.peek(id)?.enabled === false)).toBe(true)
    expect(feed()).toMatchObject({ feed: 'following', followedApps: 100 })
  })

  it('whose end is not reached for 30 s is not followed', async () => {
    const { near, time, feed } = await startFollowing({ apps: 3 })
    near.faults.answers.poll = () =>
      json(200, { changes: [], cursor: 'more', more: true, heartbeatAge: 0, age: 0 })
    await time.run(24 * SECOND)
    expect(feed().feed).toBe('following')
    await time.run(7 * SECOND)
    expect(feed().feed).not.toBe('following')
  })
})

describe('an endpoint without a feed', () => {
  it.each([
    ['404 of the gateway', () => json(404, { message: 'Not Found' })],
    ['feed-unavailable', () => json(503, { code: 'feed-unavailable' }, { 'retry-after': '60' })],
    ['scope-too-narrow', () => json(403, { code: 'scope-too-narrow' })],
  ])('(%s) is asked once a minute, and that is told once', async (_, answer) => {
    const time = new VirtualTime()
    const { near, lookup, lines } = startWorld(time)
    near.faults.answers.poll = answer
    void lookup.findById('app-0')
    await time.run(60 * MINUTE)
    expect(near.count('poll')).toBeLessThanOrEqual(67)
    expect(near.count('poll')).toBeGreaterThanOrEqual(54)
    expect(near.count('probe')).toBe(0)
    expect(lines).toHaveLength(1)
    expect(lines[0]).toMatch(/^info https:\/\/near.example: changes are not followed \(the endpoint has no/)
    expect(lookup.stats().revalidation.feed).toBe('no-feed')
    expect(near.arrivals.every(({ request }) => !request.body?.includes('consistent'))).toBe(true)
    delete near.faults.answers.poll
    await time.run(70 * SECOND)
    expect(lookup.stats().revalidation.feed).toBe('following')
    expect(lines[1]).toBe('info https://near.example: changes are followed')
  })

  it('is not polled where following is turned off', async () => {
    const time = new VirtualTime()
    const { near, lookup, lines } = startWorld(time, { feedPollIntervalMs: 0 })
    void lookup.findById('app-0')
    await time.run(10 * MINUTE)
    expect(near.count('poll')).toBe(0)
    expect(lines).toEqual([])
  })
})

describe('a restart', () => {
  it('revalidates the apps of the snapshot in batches, 100 a request', async () => {
    const time = new VirtualTime()
    const readings = idsOf(500).map((id) => ({ app: appOf(id), readAt: time.now - MINUTE }))
    const snapshot = { load: () => readings, save: async () => {} }
    const { near, lookup } = startWorld(time, {
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
function gapsOfPolls({ arrivals }: SimulatedRegion): number[] {
  const polls = arrivals.filter(({ request }) => request.kind === 'poll').map(({ at }) => at)
  return polls.slice(1).map((at, i) => at - (polls[i] ?? 0))
}
