import { describe, expect, it } from 'vitest'
import { MINUTE, SECOND } from '../support/virtual-time.ts'
import { appOf, startFollowingNode } from './world/node.ts'
import { itemsOf, json, type Region } from './world/region.ts'

describe('an app that is due for renewal', () => {
  /** The batches since then: whether each was consistent, and its ids. */
  const batchesOf = ({ near }: { readonly near: Region }, since: number) =>
    near.arrivals
      .filter(({ at, request }) => at >= since && request.kind === 'batch')
      .map(({ request }) => ({
        isConsistent: request.body?.includes('"consistent":true') === true,
        ids: itemsOf(request).map(({ id }) => id),
      }))
  const plain = (...ids: string[]) => ({ isConsistent: false, ids })
  const consistent = (...ids: string[]) => ({ isConsistent: true, ids })

  it('is renewed for another 15 minutes by a plain read, in batches of 100', async () => {
    const world = await startFollowingNode({ apps: 250 })
    const since = world.time.now
    await world.time.run(45 * MINUTE)
    const batches = batchesOf(world, since)
    expect(batches.filter(({ isConsistent }) => isConsistent)).toEqual([])
    expect(batches.length).toBe(9)
    expect(world.near.count('lookup', since)).toBe(0)
    expect(world.feed()).toMatchObject({ followedApps: 250, queueLength: 0 })
  })

  it('is followed for 15 minutes from the read of DynamoDB, which may be earlier than the response', async () => {
    const world = await startFollowingNode({ apps: 1 })
    let since = world.time.now
    world.near.replies.batch = () => json(200, { results: [{ status: 304, age: 600 }] })
    while (batchesOf(world, since).length === 0) await world.time.run(SECOND)
    since = world.time.now
    while (batchesOf(world, since).length === 0) await world.time.run(SECOND)
    expect(world.time.now - since).toBeGreaterThan(0.85 * 900 * SECOND - 602 * SECOND)
    expect(world.time.now - since).toBeLessThan(300 * SECOND)
  })

  it.each([
    ['another content', { status: 200, app: appOf('app-0'), etag: '"0"', age: 0 }],
    ['no app', { status: 404, code: 'app-not-found', age: 0 }],
  ])('is read consistently, and only that read counts, when a plain read returns %s', async (_, result) => {
    const world = await startFollowingNode({ apps: 1 })
    const known = world.lookup.peek('app-0')
    const since = world.time.now
    world.near.replies.batch = () => {
      delete world.near.replies.batch
      return json(200, { results: [result] })
    }
    while (batchesOf(world, since).length < 2) await world.time.run(100)
    expect(world.lookup.peek('app-0')).toBe(known)
    await world.time.run(SECOND)
    expect(batchesOf(world, since)).toEqual([plain('app-0'), consistent('app-0')])
    expect(world.lookup.peek('app-0')).toBe(known)
    expect(world.feed()).toMatchObject({ followedApps: 1, queueLength: 0, outcomes: { unconfirmed: 0 } })
  })

  it('is read again when a plain read fails, and stays followed in the meantime', async () => {
    const world = await startFollowingNode({ apps: 2 })
    const since = world.time.now
    world.near.replies.batch = () => {
      delete world.near.replies.batch
      return json(200, {
        results: [
          { status: 304, age: 0 },
          { status: 503, code: 'store-throttled' },
        ],
      })
    }
    while (batchesOf(world, since).length < 2) await world.time.run(100)
    expect(world.feed()).toMatchObject({ followedApps: 2 })
    await world.time.run(SECOND)
    const [first, second] = batchesOf(world, since)
    expect(second).toEqual(plain(first?.ids[1] ?? ''))
    expect(world.feed()).toMatchObject({ followedApps: 2, queueLength: 0 })
  })

  it('is read consistently once it has expired', async () => {
    const world = await startFollowingNode({ apps: 2 })
    const since = world.time.now
    world.near.replies.batch = (request) =>
      json(200, {
        results: itemsOf(request).map(({ id }) =>
          id === 'app-0' ? { status: 500, code: 'app-malformed' } : { status: 304, age: 0 },
        ),
      })
    while (world.feed().followedApps === 2) await world.time.run(SECOND)
    const [last, ...plainBatches] = batchesOf(world, since).reverse()
    expect(plainBatches.length).toBeGreaterThan(1)
    expect(plainBatches.every(({ isConsistent }) => !isConsistent)).toBe(true)
    expect(last).toEqual(consistent('app-0'))
    delete world.near.replies.batch
    const expiredAt = world.time.now
    await world.time.run(2 * MINUTE)
    expect(batchesOf(world, expiredAt)).toEqual([consistent('app-0')])
    expect(world.feed()).toMatchObject({ followedApps: 2, queueLength: 0 })
  })

  it('is not renewed by a plain read during which a hint came', async () => {
    const world = await startFollowingNode({ apps: 1, feedPollIntervalMs: 1_000 })
    const { near, time, lookup } = world
    const since = time.now
    const { hints } = world.feed()
    near.latencyOf = ({ kind }) => {
      if (kind !== 'batch' || batchesOf(world, since).length > 1) return 20
      near.write('app-0', appOf('app-0', { enabled: false }))
      return 2_900
    }
    near.replies.batch = () => {
      delete near.replies.batch
      return json(200, { results: [{ status: 304, age: 0 }] })
    }
    while (world.feed().hints === hints) await time.run(100)
    expect(batchesOf(world, since)).toEqual([plain('app-0')])
    await time.run(4 * SECOND)
    expect(batchesOf(world, since)).toEqual([plain('app-0'), consistent('app-0')])
    expect(lookup.peek('app-0')).toMatchObject({ enabled: false })
    expect(world.feed()).toMatchObject({ followedApps: 1 })
  })

  it('is not read consistently because another app is at that moment', async () => {
    const world = await startFollowingNode({ apps: 150, feedPollIntervalMs: 1_000 })
    const { near, time } = world
    const since = time.now
    near.latencyOf = ({ kind }) => {
      if (kind !== 'batch' || batchesOf(world, since).length > 1) return 20
      near.write('app-7', appOf('app-7'))
      return 2_900
    }
    while (batchesOf(world, since).length < 3) await time.run(SECOND)
    const [first, second, third] = batchesOf(world, since)
    expect([first?.isConsistent, first?.ids.length]).toEqual([false, 100])
    expect(second).toEqual(consistent('app-7'))
    expect([third?.isConsistent, third?.ids.length]).toEqual([false, first?.ids.includes('app-7') ? 50 : 49])
    await time.run(SECOND)
    expect(world.feed()).toMatchObject({ followedApps: 150, queueLength: 0 })
  })

  it('neither waits for hints nor delays them', async () => {
    const world = await startFollowingNode({ apps: 120 })
    const since = world.time.now
    for (let s = 0; s < 12 * 60; s += 60) {
      world.near.write('app-7', appOf('app-7'))
      await world.time.run(MINUTE)
    }
    expect(batchesOf(world, since)).toEqual(Array.from({ length: 12 }, () => consistent('app-7')))
    await world.time.run(4 * MINUTE)
    const renewals = batchesOf(world, since).slice(12)
    expect(renewals.every(({ isConsistent }) => !isConsistent)).toBe(true)
    expect(new Set(renewals.flatMap(({ ids }) => ids)).size).toBeGreaterThanOrEqual(119)
    expect(renewals).toHaveLength(2)
  })
})
