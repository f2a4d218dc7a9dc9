import { describe, expect, it } from 'vitest'
import { SECOND } from '../support/virtual-time.ts'
import { appOf, idsOf, startFollowingNode } from './world/node.ts'
import { itemsOf, json } from './world/region.ts'

describe('the queue', () => {
  it('reads a changed app at once, unless it sent a request within the last second', async () => {
    const { near, time, random } = await startFollowingNode({ apps: 50, feedPollIntervalMs: SECOND })
    near.latencyOf = () => 20
    near.lags.delayMs = 51
    await time.run(60 * SECOND)
    const since = time.now
    for (let i = 0; i < 200; i += 1) {
      near.write(`app-${i % 50}`, appOf(`app-${i % 50}`))
      await time.run(random.between(0, 2 * SECOND))
    }
    await time.run(5 * SECOND)
    const sent = (kind: 'poll' | 'batch') =>
      near.arrivals.filter(({ at, request }) => at > since && request.kind === kind).map(({ at }) => at)
    const waits = sent('batch').map((at, i, all) => {
      const answers = sent('poll').map((polledAt) => polledAt + 20)
      const possibleAt = (all[i - 1] ?? since) + SECOND
      return at - Math.max(possibleAt, answers.findLast((answer) => answer <= at) ?? Number.NaN)
    })
    expect(waits.length).toBeGreaterThan(100)
    expect(Math.max(...waits)).toBeLessThan(30)
  })

  it.each([
    ['each is named more often than it can be read', () => true],
    ['hundreds are named all the time and cannot be read', (id: string) => Number(id.slice(4)) >= 600],
  ])('reads every app in turn, even if %s', async (_, isReadable) => {
    const { near, time, users } = await startFollowingNode({ apps: 2_000 })
    near.replies.batch = (request) => {
      const results = itemsOf(request).map(({ id }) =>
        isReadable(id) ? { status: 304, age: 0, consistent: true } : { status: 500, code: 'app-malformed' },
      )
      return json(200, { results })
    }
    near.lags.delayMs = 21
    for (const id of idsOf(2_000)) users.add(id)
    await time.run(60 * SECOND)
    const since = time.now
    for (let s = 0; s < 60; s += 5) {
      for (const id of idsOf(2_000)) near.write(id, appOf(id))
      await time.run(5 * SECOND)
    }
    const batches = near.arrivals.filter(({ at, request }) => at > since && request.kind === 'batch')
    expect(new Set(batches.flatMap(({ request }) => itemsOf(request).map(({ id }) => id))).size).toBe(2_000)
  })
})
