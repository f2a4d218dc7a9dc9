import { expect, it } from 'vitest'
import type { HttpResponse } from '../../adapter/lookup/endpoint/endpoint.ts'
import { SECOND } from '../support/virtual-time.ts'
import { startFollowingNode } from './world/node.ts'
import { json } from './world/region.ts'

/** Has a cache repeat the last page that reached the end, whatever is asked. @returns how long the node follows */
async function secondsUntilUnfollowed(headersAfter: (seconds: number) => HttpResponse['headers']) {
  const { near, time, feed } = await startFollowingNode()
  const since = time.now
  near.replies.poll = ({ path }) => {
    const cursor = new URL(path, 'https://near.example').searchParams.get('since')
    const page = { changes: [], cursor, more: false, heartbeatAge: 10, age: 0 }
    return { ...json(200, page), headers: headersAfter((time.now - since) / SECOND) }
  }
  while (feed().feed === 'following' && time.now - since < 600 * SECOND) await time.run(SECOND)
  return (time.now - since) / SECOND
}

it('a page that a cache repeats without an age ends following within 210 s', async () => {
  expect(await secondsUntilUnfollowed(() => ({}))).toBeLessThanOrEqual(211)
})

it('the header Age of a repeated page ends following within 30 s', async () => {
  const seconds = await secondsUntilUnfollowed((age) => ({ age: String(Math.floor(age)) }))
  expect(seconds).toBeLessThanOrEqual(36)
})

it('a start page that a cache repeats while its cursor expires is followed once', async () => {
  const { near, time, feed } = await startFollowingNode()
  const start = json(200, { changes: [], cursor: 'x', more: false, heartbeatAge: 10, age: 0 })
  near.replies.poll = ({ path }) => (path === '/changes' ? start : json(410, { code: 'cursor-expired' }))
  let followedS = 0
  for (let s = 0; s < 600; s += 1) {
    await time.run(SECOND)
    if (feed().feed === 'following') followedS += 1
  }
  expect(followedS).toBeLessThanOrEqual(12)
  delete near.replies.poll
  await time.run(90 * SECOND)
  expect(feed()).toMatchObject({ feed: 'following', followedApps: 3 })
})
