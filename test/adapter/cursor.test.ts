import { describe, expect, it } from 'vitest'
import { MINUTE, SECOND } from '../support/virtual-time.ts'
import { appOf, idsOf, startFollowingNode } from './world/node.ts'
import { json } from './world/region.ts'

describe('a cursor', () => {
  it('that has expired is replaced at once, and everything is revalidated', async () => {
    const { near, time, lookup, feed } = await startFollowingNode({ apps: 250 })
    await time.run(2 * MINUTE)
    expect(feed().followedApps).toBe(250)
    const since = time.now
    // The hint of this change is lost.
    near.write('app-9', appOf('app-9', { enabled: false }))
    near.replaceStream()
    // The stream, a poll, then a batch a second.
    await time.run(12 * SECOND)
    expect(near.count('batch', since)).toBe(3)
    expect(near.count('lookup', since)).toBe(0)
    expect(feed()).toMatchObject({ feed: 'following', followedApps: 250 })
    expect(lookup.peek('app-9')).toMatchObject({ enabled: false })
    expect(lookup.stats().regions[0]?.requests.poll.expired).toBe(1)
  })

  it('is followed for 30 s from its last poll, minus the age of that response', async () => {
    const { near, time, feed } = await startFollowingNode({ apps: 1, feedPollIntervalMs: 20_000 })
    near.replies.poll = () => json(200, { changes: [], cursor: '1.0', more: false, heartbeatAge: 0, age: 25 })
    const polls = near.count('poll')
    while (near.count('poll') === polls) await time.run(100)
    await time.run(4 * SECOND)
    expect(feed().feed).toBe('following')
    await time.run(2 * SECOND)
    expect(feed().feed).not.toBe('following')
  })

  it('is followed for 210 s from its newest heartbeat, even if a later page has an older one', async () => {
    const { near, time, feed } = await startFollowingNode({ apps: 1 })
    near.replies.poll = () =>
      json(200, { changes: [], cursor: '1.0', more: false, heartbeatAge: 5_000, age: 0 })
    await time.run(2 * MINUTE)
    expect(feed().feed).toBe('following')
    await time.run(2 * MINUTE)
    expect(feed()).toMatchObject({ feed: 'no-heartbeat', followedApps: 0 })
  })

  it('with more hints than fit into a page is read to its end, and no hint is missed', async () => {
    const { near, time, lookup, feed } = await startFollowingNode({ apps: 100 })
    near.stack.log.maxRead = 2
    for (let i = 0; i < 12; i += 1) {
      for (const id of idsOf(100)) near.write(id, appOf(id, { enabled: i < 11 ? i % 2 === 0 : false }))
      await time.run(50)
    }
    await time.run(40 * SECOND)
    expect(idsOf(100).every((id) => lookup.peek(id)?.enabled === false)).toBe(true)
    expect(feed()).toMatchObject({ feed: 'following', followedApps: 100 })
  })

  it('whose end is not reached for 30 s is not followed', async () => {
    const { near, time, feed } = await startFollowingNode({ apps: 3 })
    near.replies.poll = () => json(200, { changes: [], cursor: 'more', more: true, heartbeatAge: 0, age: 0 })
    await time.run(24 * SECOND)
    expect(feed().feed).toBe('following')
    await time.run(7 * SECOND)
    expect(feed().feed).not.toBe('following')
  })

  it('that expires each time is reported in the metrics and the log', async () => {
    const { near, time, feed, lines } = await startFollowingNode()
    near.replies.poll = ({ path }) =>
      path.includes('since') ? json(410, { code: 'cursor-expired' }) : undefined
    await time.run(5 * MINUTE)
    expect(feed().feed).toBe('expired')
    const line = lines.find((each) => each.includes('not followed'))
    expect(line).toContain(
      'changes are not followed any more (no cursor of the change feed can be followed: status 410)',
    )
    delete near.replies.poll
    await time.run(3 * MINUTE)
    expect(feed().feed).toBe('following')
    expect(lines.at(-1)).toContain('changes are followed again')
  })

  it('survives a failed poll, also at the longest interval', async () => {
    const { near, time, feed } = await startFollowingNode({ feedPollIntervalMs: 20_000 })
    let isFirst = true
    near.replies.poll = () => {
      const answer = isFirst ? json(500, { code: 'internal' }) : undefined
      isFirst = false
      return answer
    }
    for (let s = 0; s < 60; s += 1) {
      await time.run(SECOND)
      expect(feed().feed).toBe('following')
    }
    expect(isFirst).toBe(false)
  })

  it('is not reported as lost while no region responds', async () => {
    const { near, time, lines } = await startFollowingNode()
    near.gateway.isDown = true
    await time.run(5 * MINUTE)
    expect(lines.filter((line) => line.includes('not followed'))).toEqual([])
    expect(lines.join()).toContain('warn https://eu-west-1.example is not answering')
    near.gateway.isDown = false
    near.replies.poll = () => json(500, { code: 'internal' })
    await time.run(2 * MINUTE)
    expect(lines.at(-1)).toContain('changes are not followed any more (the change feed does not answer')
  })
})
