import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import type { Request } from '../../../adapter/lookup/endpoint/request.ts'
import type { ProxyResponse } from '../../../functions/http/response.ts'
import { MINUTE, SECOND } from '../../support/virtual-time.ts'
import type { Trip } from '../world/faulty-gateway.ts'
import { EVERY_KIND } from '../world/request-history.ts'
import { onStage } from './stage.ts'

setFlagsFromString('--expose-gc')
const gc: () => void = runInNewContext('gc')

const APPS = 60

type Hint = { readonly id: string; readonly keys: readonly string[] }
type Page = { readonly changes: readonly Hint[]; readonly [field: string]: unknown }

const answerOf = (statusCode: number, content: unknown): ProxyResponse => ({
  statusCode,
  body: typeof content === 'string' ? content : JSON.stringify(content),
})
const pageOf = (fields: Partial<Page> = {}): Page => ({
  changes: [],
  cursor: 'x',
  more: false,
  heartbeatAge: 0,
  age: 0,
  ...fields,
})
const hints = (count: number, prefix: string, from = 0): Hint[] =>
  Array.from({ length: count }, (_, i) => ({ id: `${prefix}-${from + i}`, keys: [`hash-${from + i}`] }))

/** How a feed responds to polls. */
type Lie = () => (request: Request) => Trip

const says =
  (statusCode: number, content: unknown): Lie =>
  () =>
  () => ({ answer: async () => answerOf(statusCode, content) })
const fails =
  (trip: Trip): Lie =>
  () =>
  () =>
    trip
const expires =
  (statusCode: number): Lie =>
  () =>
  ({ path }) => ({
    answer: async () =>
      path === '/changes' ? answerOf(200, pageOf()) : answerOf(statusCode, { code: 'cursor-expired' }),
  })
/** Pages with different hints each time. */
const manyHints: Lie = () => {
  let told = 0
  return () => {
    told += 1_000
    const page = pageOf({ changes: hints(1_000, 'other', told), cursor: String(told), more: true })
    return { answer: async () => answerOf(200, page) }
  }
}
/** The real changes, in another form. */
const distorts =
  (distort: (page: Page) => Partial<Page>): Lie =>
  () =>
  () => ({
    answer: async (real) => {
      const answer = await real()
      if (answer.statusCode !== 200) return answer
      const page: Page = JSON.parse(answer.body ?? '')
      return answerOf(200, { ...page, ...distort(page) })
    },
  })

/** Faults of a feed, and the requests per second of a node: the maximum over 10 s, and after some minutes. */
const LIES: readonly [name: string, lie: Lie, atMost: number, inTheLongRun: number][] = [
  ['is down', fails({ fault: 'ECONNRESET' }), 1.6, 0.9],
  ['answers 500', says(500, { code: 'internal' }), 1.6, 0.9],
  ['is slow', fails({ backMs: MINUTE }), 1.6, 1.2],
  ['is gone', says(404, { message: 'Not Found' }), 1.2, 0.4],
  ['has hints for everything', says(200, pageOf({ changes: hints(APPS, 'app') })), 1.3, 1.2],
  ['has 10,000 hints a second', manyHints, 5.3, 0.6],
  ['never ends', says(200, pageOf({ more: true })), 5.3, 0.6],
  ['never ends and never moves', says(200, pageOf({ changes: hints(10, 'app'), more: true })), 5.3, 1.3],
  ['has heartbeats from the future', says(200, pageOf({ heartbeatAge: -3_600 })), 1.6, 0.9],
  ['has negative ages', says(200, pageOf({ age: -60 })), 1.6, 0.9],
  ['has an old heartbeat', distorts(() => ({ heartbeatAge: 100_000 })), 1.2, 0.6],
  [
    'has hints for ids that nobody holds',
    distorts(({ changes }) => ({ changes: [...changes, ...hints(500, 'stranger')] })),
    1.2,
    0.4,
  ],
  ['answers 410 each time', expires(410), 1.3, 0.3],
  ['answers 410 without a cursor too', says(410, { code: 'cursor-expired' }), 1.6, 0.9],
  ['answers 400 each time', expires(400), 1.3, 0.3],
  ['answers nonsense', says(200, '[[['), 1.6, 0.9],
  ['has hints without ids', says(200, { ...pageOf(), changes: [{}, 7] }), 1.6, 0.9],
  ['has pages that are too large', fails({ fault: 'too-large' }), 1.6, 0.9],
  ['rejects the token', says(403, { message: 'Forbidden' }), 1.3, 0.6],
]

describe('a faulty feed', () => {
  it.each(LIES)(
    'that %s closes no sockets, hides no app and causes few requests',
    (_, lie, atMost, inTheLongRun) =>
      onStage({ apps: APPS }, async ({ world, node, look, wrong }) => {
        const since = world.time.now
        const trip = lie()
        world.nearest.except = (request) => (request.kind === 'poll' ? trip(request) : undefined)
        for (let i = 0; i < 10; i += 1) {
          world.write(`app-${i}`, world.appOf(`app-${i}`, `key-of-app-${i}`))
          await look(60)
        }
        await look(40)
        expect(node.violations).toEqual([])
        expect(wrong).toEqual([])
        expect(node.sockets.size).toBe(APPS / 2)
        expect(node.history.mostWithin(10 * SECOND, EVERY_KIND, since) / 10).toBeLessThanOrEqual(atMost)
        const lately = node.history.exchanges.filter(({ sentAt }) => sentAt >= world.time.now - 5 * MINUTE)
        expect(lately.length / 300).toBeLessThanOrEqual(inTheLongRun)
        const { knownApps, negativeResults, revalidation, regions } = node.lookup.stats()
        expect({ knownApps, negativeResults, state: regions[0]?.state }).toEqual({
          knownApps: APPS,
          negativeResults: 0,
          state: 'answering',
        })
        expect(revalidation.queueLength).toBeLessThanOrEqual(APPS)
        for (let i = 0; i < 10; i += 1)
          expect(node.lookup.peek(`app-${i}`)?.maxConnections, `app-${i}`).toBe(
            world.nearest.stack.replica.findById(`app-${i}`, true)?.maxConnections,
          )

        world.nearest.except = () => undefined
        await world.time.run(3 * MINUTE)
        expect(node.lookup.stats().revalidation).toMatchObject({ feed: 'following', followedApps: APPS })
      }),
  )

  it('that has hints of millions of unknown ids uses limited memory', () =>
    onStage({ apps: 2 }, async ({ world, node }) => {
      const trip = manyHints()
      world.nearest.except = (request) => (request.kind === 'poll' ? trip(request) : undefined)
      await world.time.run(5 * MINUTE)
      gc()
      const before = process.memoryUsage().heapUsed
      await world.time.run(20 * MINUTE)
      node.history.exchanges.length = 0
      gc()
      expect(process.memoryUsage().heapUsed - before).toBeLessThan(15_000_000)
      expect(node.lookup.stats().revalidation.hints).toBeGreaterThan(150_000)
      expect(node.lookup.stats().revalidation.queueLength).toBeLessThanOrEqual(2)
    }))
})
