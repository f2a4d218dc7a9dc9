import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import type { Request } from '../../adapter/lookup/request.ts'
import { appOf, startWorld } from './virtual/node.ts'
import { json, type SimulatedRegion } from './virtual/region.ts'
import { VirtualTime } from './virtual/virtual-time.ts'

setFlagsFromString('--expose-gc')
const gc: () => void = runInNewContext('gc')

const SECOND = 1_000
const MINUTE = 60_000
const APPS = 200

const idsOf = (count: number) => Array.from({ length: count }, (_, i) => `app-${i}`)
const page = (body: Record<string, unknown> = {}) =>
  json(200, { changes: [], cursor: 'x', more: false, heartbeatAge: 0, age: 0, ...body })
const hints = (count: number, prefix: string, from = 0) =>
  Array.from({ length: count }, (_, i) => ({ id: `${prefix}-${from + i}`, keys: [`hash-${from + i}`] }))

type Lie = readonly [
  name: string,
  tell: (region: SimulatedRegion) => void,
  atMost: number,
  /** After some minutes, on average. */
  inTheLongRun: number,
]

/** Answers polls so. */
const polls =
  (answer: (request: Request) => ReturnType<typeof page> | { fault: string } | undefined) =>
  ({ faults }: SimulatedRegion): void => {
    faults.answers.poll = answer
  }

/** Answers polls with pages of other hints each time. */
const manyHints = (more: boolean) => {
  let told = 0
  return polls(() => {
    told += 1_000
    return page({ changes: hints(1_000, 'other', told), cursor: String(told), more })
  })
}

/** What a feed may do wrong, and the most requests a second that a node makes then, lookups of unknown apps aside. */
const LIES: readonly Lie[] = [
  ['is down', polls(() => ({ fault: 'ECONNRESET' })), 1.6, 0.9],
  ['answers 500', polls(() => json(500, { code: 'internal' })), 1.6, 0.9],
  ['is slow', polls(() => ({ fault: 'deadline' })), 1.6, 1.2],
  ['is gone', polls(() => json(404, { message: 'Not Found' })), 1.2, 0.4],
  ['has hints for everything', polls(() => page({ changes: hints(APPS, 'app') })), 1.3, 1.2],
  ['has 10,000 hints a second', manyHints(true), 5.3, 0.6],
  ['never ends', polls(() => page({ more: true })), 5.3, 0.6],
  ['never ends and never moves', polls(() => page({ changes: hints(10, 'app'), more: true })), 5.3, 1.3],
  ['has heartbeats from the future', polls(() => page({ heartbeatAge: -3_600 })), 1.6, 0.9],
  ['has negative ages', polls(() => page({ age: -60 })), 1.6, 0.9],
  ['has an old heartbeat', polls(() => page({ heartbeatAge: 100_000 })), 1.2, 0.6],
  ['has hints for ids that nobody holds', (region) => strangers(region), 1.2, 0.4],
  ['answers 410 each time', expiring(410), 1.3, 0.3],
  ['answers 410 without a cursor too', polls(() => json(410, { code: 'cursor-expired' })), 1.6, 0.9],
  ['answers 400 each time', expiring(400), 1.3, 0.3],
  ['answers nonsense', polls(() => json(200, '[[["')), 1.6, 0.9],
  ['has hints without ids', polls(() => page({ changes: [{}, 7] })), 1.6, 0.9],
  ['has pages that are too large', polls(() => ({ fault: 'too-large' })), 1.6, 0.9],
  ['rejects the token', polls(() => json(403, { message: 'Forbidden' })), 1.3, 0.4],
]

/** Beside what really changed. */
function strangers({ faults, log }: SimulatedRegion): void {
  faults.answers.poll = () => {
    for (const hint of hints(500, 'stranger')) log.append(hint)
    return undefined
  }
}

function expiring(status: number): Lie[1] {
  return polls(({ path }) => (path === '/changes' ? page() : json(status, { code: 'cursor-expired' })))
}

/** The most requests in any 10 s from `since` on, a second. */
function peak({ arrivals }: SimulatedRegion, since: number): number {
  const times = arrivals.filter(({ at }) => at >= since).map(({ at }) => at)
  const within = (from: number) => times.filter((at) => at >= from && at < from + 10 * SECOND).length
  return Math.max(0, ...times.map(within)) / 10
}

describe('a feed that', () => {
  it.each(LIES)(
    '%s closes nobody, hides no app and makes few requests',
    async (_, tell, atMost, inTheLongRun) => {
      const time = new VirtualTime()
      const { near, lookup, users, told, random } = startWorld(time, {
        apps: APPS,
        unknownLookupsPerSecond: 10_000,
      })
      await time.pass(SECOND)
      for (const id of idsOf(APPS)) void lookup.findById(id)
      for (const id of idsOf(APPS / 2)) users.add(id)
      await time.pass(20 * SECOND)
      told.length = 0
      tell(near)
      const since = time.now
      const wrong: unknown[] = []
      for (let s = 0; s < 600; s += 1) {
        for (let i = 0; i < 10; i += 1)
          lookup.findByKey(`key-of-${random.pick(idsOf(APPS))}`).then(
            (app) => app ?? wrong.push('no such app'),
            (error) => wrong.push(error),
          )
        // A change now and then, so that something is really to be seen.
        if (s % 60 === 0) near.write(`app-${s / 60}`, appOf(`app-${s / 60}`))
        await time.pass(SECOND)
      }
      await time.pass(40 * SECOND)
      expect(wrong).toEqual([])
      expect(told.filter(({ app }) => app === undefined)).toEqual([])
      expect(peak(near, since)).toBeLessThanOrEqual(atMost)
      const lately = near.arrivals.filter(({ at }) => at >= time.now - 5 * MINUTE)
      expect(lately.length / 300).toBeLessThanOrEqual(inTheLongRun)
      expect(lookup.stats().regions[0]).toMatchObject({ state: 'answering' })
      for (let i = 0; i < 10; i += 1)
        expect(lookup.peek(`app-${i}`)?.maxConnections, `app-${i}`).toBe(
          near.table.byId(`app-${i}`)?.maxConnections,
        )

      delete near.faults.answers.poll
      await time.pass(3 * MINUTE)
      expect(lookup.stats().revalidation).toMatchObject({ feed: 'following', followedApps: APPS })
    },
  )

  it('names millions of ids that nobody holds takes a bounded memory', async () => {
    const time = new VirtualTime()
    const { near, lookup } = startWorld(time, { apps: 1 })
    await time.pass(SECOND)
    manyHints(true)(near)
    await time.pass(5 * MINUTE)
    gc()
    const before = process.memoryUsage().heapUsed
    await time.pass(60 * MINUTE)
    near.arrivals.length = 0
    gc()
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(40_000_000)
    expect(lookup.stats().revalidation.hints).toBeGreaterThan(500_000)
    expect(lookup.stats().revalidation.queueLength).toBeLessThanOrEqual(1)
  })
})

describe('while a node follows', () => {
  it('an outage serves what it knows, closes nobody, and it follows again afterwards', async () => {
    const time = new VirtualTime()
    const { near, lookup, users, told, random } = startWorld(time, {
      apps: 50,
      unknownLookupsPerSecond: 1_000,
    })
    await time.pass(SECOND)
    for (const id of idsOf(50)) void lookup.findById(id)
    for (const id of idsOf(50)) users.add(id)
    await time.pass(10 * SECOND)
    told.length = 0
    near.faults.endpoint = 'refused'
    const since = time.now
    const wrong: unknown[] = []
    for (let s = 0; s < 3_000; s += 1) {
      lookup.findByKey(`key-of-${random.pick(idsOf(50))}`).then(
        (app) => app ?? wrong.push('no such app'),
        (error) => wrong.push(error.code),
      )
      await time.pass(SECOND)
    }
    expect(wrong).toEqual([])
    expect(told).toEqual([])
    expect(near.arrivals.filter(({ at }) => at > since).length / 3_000).toBeLessThan(1.2)
    near.write('app-3', appOf('app-3', { enabled: false }))
    near.faults.endpoint = 0
    await time.pass(30 * SECOND)
    expect(told).toMatchObject([{ id: 'app-3', app: { enabled: false } }])
    expect(lookup.stats().revalidation).toMatchObject({ feed: 'following', followedApps: 50 })
  })
})
