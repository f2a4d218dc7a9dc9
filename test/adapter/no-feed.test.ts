import { describe, expect, it } from 'vitest'
import { MINUTE, SECOND } from '../support/virtual-time.ts'
import { startFollowingNode, startWorld } from './world/node.ts'
import { json } from './world/region.ts'

describe('an endpoint without a feed', () => {
  it.each([
    ['404 of the gateway', () => json(404, { message: 'Not Found' })],
    ['feed-unavailable', () => json(503, { code: 'feed-unavailable' }, { 'retry-after': '60' })],
    ['scope-too-narrow', () => json(403, { code: 'scope-too-narrow' })],
  ])('(%s) is polled once a minute, and that is logged once', async (_, answer) => {
    const { time, near, lookup, lines } = await startWorld()
    near.replies.poll = answer
    void lookup.findById('app-0')
    await time.run(60 * MINUTE)
    expect(near.count('poll')).toBeLessThanOrEqual(67)
    expect(near.count('poll')).toBeGreaterThanOrEqual(54)
    expect(near.count('probe')).toBe(0)
    expect(lines).toHaveLength(1)
    expect(lines[0]).toMatch(
      /^info https:\/\/eu-west-1.example: changes are not followed \(the endpoint has no/,
    )
    expect(lookup.stats().revalidation.feed).toBe('no-feed')
    expect(near.arrivals.every(({ request }) => !request.body?.includes('consistent'))).toBe(true)
    delete near.replies.poll
    await time.run(70 * SECOND)
    expect(lookup.stats().revalidation.feed).toBe('following')
    expect(lines[1]).toBe('info https://eu-west-1.example: changes are followed')
  })

  it('is not polled where following is turned off', async () => {
    const { time, near, lookup, lines } = await startWorld({ feedPollIntervalMs: 0 })
    void lookup.findById('app-0')
    await time.run(10 * MINUTE)
    expect(near.count('poll')).toBe(0)
    expect(lines).toEqual([])
  })

  it('is not reported when it rejects the token for a while: it is polled again after 5 s', async () => {
    const { time, near, lookup, lines } = await startFollowingNode()
    near.replies.poll = () => json(403, { message: 'Forbidden' })
    await time.run(2 * MINUTE)
    expect(lines.filter((line) => line.includes('not followed'))).toEqual([
      expect.stringContaining('the change feed does not answer in time: status 403'),
    ])
    delete near.replies.poll
    await time.run(7 * SECOND)
    expect(lookup.stats().revalidation.feed).toBe('following')
  })

  it('is not blamed for a page that is too large', async () => {
    const { time, near, lookup, lines } = await startFollowingNode()
    near.replies.poll = ({ path }) => (path.includes('since') ? { fault: 'too-large' } : undefined)
    await time.run(2 * MINUTE)
    expect(lookup.stats().revalidation.feed).toBe('expired')
    expect(lines.join()).toContain('no cursor of the change feed can be followed: too-large')
  })
})
