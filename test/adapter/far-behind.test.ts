import { describe, expect, it } from 'vitest'
import { MINUTE, SECOND } from '../support/virtual-time.ts'
import { idsOf, startFollowingNode } from './world/node.ts'
import { json } from './world/region.ts'

const HOUR = 60 * MINUTE

/** A log in which each page brings the reader this much nearer to its end. */
async function startBehind({ apps, behindMs, pageMs }: Record<'apps' | 'behindMs' | 'pageMs', number>) {
  const world = await startFollowingNode({ apps })
  let leftMs = behindMs
  let pages = 0
  world.near.replies.poll = ({ path }) => {
    if (!path.includes('since=')) {
      delete world.near.replies.poll
      return undefined
    }
    pages += 1
    leftMs -= pageMs
    const isEnd = leftMs <= 0
    if (isEnd) delete world.near.replies.poll
    const cursor = `page-${pages}`
    return json(200, { changes: [], cursor, more: !isEnd, heartbeatAge: Math.max(0, leftMs) / 1000, age: 0 })
  }
  return { ...world, pages: () => pages }
}

describe('a node that is far behind', () => {
  it('takes a new cursor when reading all known apps is cheaper, and says so', async () => {
    const { time, lines, pages, feed } = await startBehind({
      apps: 3,
      behindMs: 24 * HOUR,
      pageMs: 2 * MINUTE,
    })
    await time.run(10 * SECOND)
    expect(pages()).toBeLessThanOrEqual(3)
    expect(lines.filter((line) => line.includes('starting anew'))).toHaveLength(1)
    await time.run(20 * SECOND)
    expect(feed()).toMatchObject({ feed: 'following', followedApps: 3 })
  })

  it('reads on when that is cheaper, for as many pages as it takes', async () => {
    const { time, lines, pages } = await startBehind({ apps: 3, behindMs: HOUR, pageMs: HOUR / 2 })
    await time.run(10 * SECOND)
    expect(pages()).toBe(2)
    expect(lines.join()).not.toContain('starting anew')
    expect(idsOf(3)).toHaveLength(3)
  })
})
