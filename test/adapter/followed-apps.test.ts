import { describe, expect, it } from 'vitest'
import { MINUTE, SECOND } from '../support/virtual-time.ts'
import { appOf, idsOf, startFollowingNode } from './world/node.ts'
import { itemsOf, json } from './world/region.ts'

describe('an app is followed', () => {
  it('until a hint names it', async () => {
    const { near, time, feed } = await startFollowingNode()
    near.replies.batch = () => ({ fault: 'ECONNRESET' })
    near.write('app-0', appOf('app-0'))
    await time.run(8 * SECOND)
    expect(feed().followedApps).toBe(2)
  })

  it('for at most 15 minutes, after which a change is known even if its shard is blocked', async () => {
    const { near, time, find, lookup } = await startFollowingNode()
    await time.run(MINUTE)
    near.blockShardOf('app-1')
    near.write('app-1', appOf('app-1', { enabled: false }))
    await time.run(8 * MINUTE)
    expect(await find('app-1')).toMatchObject({ enabled: true })
    expect(lookup.stats().revalidation.feed).toBe('following')
    await time.run(7 * MINUTE)
    expect(await find('app-1')).toMatchObject({ enabled: false })
  })

  it('from a consistent read only', async () => {
    const { near, time, feed, find } = await startFollowingNode({ apps: 0 })
    near.replies.batch = () => ({ fault: 'ECONNRESET' })
    near.write('app-0', appOf('app-0'))
    await find('app-0')
    await time.run(10 * SECOND)
    expect(feed()).toMatchObject({ feed: 'following', followedApps: 0 })
  })

  it('not from a read during which a hint came', async () => {
    const { near, time, find, feed } = await startFollowingNode({ apps: 1, feedPollIntervalMs: 1_000 })
    near.lags.delayMs = 51
    const before = near.byId('app-0')
    let answeredAt = 0
    // The read gets the old app. The hint of the next change arrives before its response.
    near.replies.batch = () => {
      delete near.replies.batch
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
    const { near, time, feed, find } = await startFollowingNode({ apps: 1, feedPollIntervalMs: 1_000 })
    await time.run(2 * MINUTE)
    const before = near.byId('app-0')
    let isRead = false
    near.replies.batch = () => {
      delete near.replies.batch
      isRead = true
      // The app changes after the read, and the stream with this change is replaced.
      near.write('app-0', appOf('app-0', { enabled: false }))
      near.replaceStream()
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

  it('not if the endpoint does not read consistently, which is logged, and checked again a minute later', async () => {
    const { near, time, feed, lines } = await startFollowingNode({ apps: 1 })
    near.replies.batch = (request) =>
      json(200, { results: itemsOf(request).map(() => ({ status: 304, age: 0 })) })
    near.write('app-0', appOf('app-0'))
    const since = time.now
    await time.run(10 * SECOND)
    expect(feed()).toMatchObject({ feed: 'not-consistent', followedApps: 0 })
    await time.run(5 * MINUTE)
    expect(near.count('batch', since)).toBeLessThanOrEqual(25)
    expect(lines.join()).toContain('the endpoint does not read consistently')
    delete near.replies.batch
    await time.run(2 * MINUTE)
    expect(feed()).toMatchObject({ feed: 'following', followedApps: 1 })
  })
})

describe('an answer that is not 200, 304 or 404', () => {
  it('keeps the app in the queue with a growing delay until a response is', async () => {
    const { near, time, feed } = await startFollowingNode({ apps: 10 })
    near.replies.batch = (request) =>
      json(200, { results: itemsOf(request).map(() => ({ status: 503, code: 'store-throttled' })) })
    const since = time.now
    for (const id of idsOf(10)) near.write(id, appOf(id))
    await time.run(10 * MINUTE)
    expect(feed().followedApps).toBe(0)
    expect(near.count('batch', since)).toBeLessThan(250)
    delete near.replies.batch
    await time.run(90 * SECOND)
    expect(feed()).toMatchObject({ followedApps: 10, queueLength: 0 })
  })
})
