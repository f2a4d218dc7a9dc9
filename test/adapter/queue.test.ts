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

  it('keeps up with 500 changes a second of apps with open sockets, with at most five requests a second', async () => {
    const { near, time, users, told, lookup } = await startFollowingNode({ apps: 3_000 })
    for (const id of idsOf(3_000)) users.add(id)
    await time.run(40 * SECOND)
    const since = time.now
    told.length = 0
    const writtenAt = new Map<number, number>()
    let hints: { readonly id: string }[] = []
    near.replies.poll = () => {
      const changes = hints.slice(0, 1_000)
      hints = hints.slice(1_000)
      return json(200, { changes, cursor: `${time.now}`, more: hints.length > 0, heartbeatAge: 0, age: 0 })
    }
    for (let i = 0; i < 10_000; i += 1) {
      const app = appOf(`app-${i % 3_000}`)
      near.write(app.id, app)
      hints.push({ id: app.id })
      writtenAt.set(app.maxConnections ?? 0, time.now)
      if (i % 50 === 49) await time.run(SECOND / 10)
    }
    await time.run(10 * SECOND)
    // A later change of the same app can be known first.
    const knownAfterMs = told.map(
      ({ app, at }) => at - (writtenAt.get(app?.maxConnections ?? 0) ?? Number.NaN),
    )
    expect(knownAfterMs.length).toBeGreaterThan(3_000)
    expect(Math.max(...knownAfterMs)).toBeLessThan(10 * SECOND)
    expect(idsOf(3_000).every((id) => writtenAt.has(lookup.peek(id)?.maxConnections ?? 0))).toBe(true)
    const batches = near.arrivals.filter(({ at, request }) => at > since && request.kind === 'batch')
    for (const { at } of batches)
      expect(batches.filter((other) => other.at >= at && other.at < at + SECOND).length).toBeLessThanOrEqual(
        5,
      )
  })
})
