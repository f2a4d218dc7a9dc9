import { expect, it } from 'vitest'
import { createAppLookup } from '../../../adapter/lookup/lookup.ts'
import type { Answer } from '../../../functions/response.ts'
import { createRandom } from './random.ts'
import { NODE, SimulatedNode } from './simulated-node.ts'
import { VirtualTime, withVirtualGlobals } from './virtual-time.ts'
import { CALM, World } from './world.ts'

const SECOND = 1_000
const MINUTE = 60_000
const APPS = 50

type Page = {
  changes: { id: string; keys?: string[] }[]
  cursor: string
  more: boolean
  heartbeatAge: number
  age: number
}

const all = Array.from({ length: APPS }, (_, i) => ({ id: `app-${i}` }))
let made = 0
const strangers = (count: number) =>
  Array.from({ length: count }, () => ({ id: `nobody-${made++}`, keys: ['AAAAAAAAAAA'] }))

/** What each feed says in place of the truth, and how many requests a second a node may send to it. */
const LIES: readonly [string, (page: Page) => Partial<Page> | number, number][] = [
  ['hints for everything', () => ({ changes: all }), 1.5],
  ['10,000 hints a second', () => ({ changes: strangers(1_000), more: made % 10_000 !== 0 }), 4.5],
  ['a cursor that never ends', () => ({ more: true }), 4.5],
  ['heartbeats from the future', () => ({ heartbeatAge: -3_600 }), 3.5],
  ['negative ages', () => ({ age: -3_600 }), 3.5],
  ['hints for ids that nobody holds', () => ({ changes: strangers(1_000) }), 1.5],
  ['410 each time', () => 410, 1.5],
]

it.each(LIES)('asks within bounds, and denies no app, when a feed tells %s', async (_, lie, perSecond) => {
  const time = new VirtualTime()
  const random = createRandom('lies')
  await withVirtualGlobals(time, random.next, async () => {
    const world = new World(time, random, CALM)
    for (const { id } of all) world.write(id, world.appOf(id, `key-of-${id}`))
    await time.run(5 * SECOND)
    const node = new SimulatedNode({ createAppLookup }, world, random.fork('node'), NODE)
    const look = async (ms: number) => {
      for (const endsAt = time.now + ms; time.now < endsAt; await time.run(2 * SECOND))
        void node.find('key', `key-of-app-${random.whole(0, APPS - 1)}`)
    }
    await look(MINUTE)
    for (let i = 0; i < APPS; i += 1) void node.connect(`key-of-app-${i}`)
    await look(MINUTE)
    const since = time.now
    world.nearest.except = ({ kind }) =>
      kind === 'poll' ? { answer: async (real) => told(await real(), lie) } : undefined
    await look(5 * MINUTE)
    const kinds = ['lookup', 'batch', 'poll', 'probe'] as const
    expect(node.traffic.mostWithin(MINUTE, kinds, since) / 60).toBeLessThanOrEqual(perSecond)
    expect(node.sockets.size).toBe(APPS)
    expect(node.violations).toEqual([])
    const { knownApps, negativeAnswers, revalidation } = node.lookup.stats()
    expect(knownApps).toBe(APPS)
    expect(negativeAnswers).toBe(0)
    expect(revalidation.queueLength).toBeLessThanOrEqual(APPS)
  })
})

function told(answer: Answer, lie: (page: Page) => Partial<Page> | number): Answer {
  if (answer.statusCode !== 200) return answer
  const page: Page = JSON.parse(answer.body ?? '')
  const said = lie(page)
  if (typeof said === 'number')
    return { statusCode: said, body: JSON.stringify({ status: said, code: 'cursor-expired' }) }
  return { ...answer, body: JSON.stringify({ ...page, ...said }) }
}
