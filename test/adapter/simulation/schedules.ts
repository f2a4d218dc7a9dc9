import type { Request } from '../../../adapter/lookup/endpoint/request.ts'
import { createRandom } from '../../support/random.ts'
import { MINUTE, SECOND, VirtualTime, withVirtualGlobals } from '../../support/virtual-time.ts'
import { NODE, SimulatedNode, type Subject } from './simulated-node.ts'
import { CALM, SimulatedWorld, type WorldOptions } from './simulated-world.ts'

const KEY = 'key-of-app-1'
const LAGGING = { regions: ['eu-west-1', 'us-east-1'], replicationMs: 120_000 }

/** A schedule: a world with one app and one node that follows it, and the events. */
type Stage = {
  readonly world: SimulatedWorld
  readonly node: SimulatedNode
  readonly look: (ms: number) => Promise<void>
}

/** Schedules for cases that random faults rarely reach. */
export type Schedule = keyof typeof SCHEDULES

const SCHEDULES = {
  'a blocked shard': async ({ world, look }: Stage) => {
    const { stream, heartbeatId } = world.nearest.stack
    const blocked = stream.shardOf('app-1')
    if (blocked === stream.shardOf(heartbeatId)) throw new Error('the app is in the shard of the heartbeat')
    stream.hold(blocked, world.time.now + 40 * MINUTE)
    change(world)
    await look(25 * MINUTE)
  },
  'a dead stream': async ({ world, look }: Stage) => {
    holdAll(world, 12 * MINUTE)
    change(world)
    await look(12 * MINUTE)
  },
  'a dead stream and a queue that gets no answer': async ({ world, node, look }: Stage) => {
    let asked = 0
    holdAll(world, 12 * MINUTE)
    world.nearest.except = ({ kind, path }) => {
      if (path.startsWith('/apps/by-key/')) asked += 1
      return kind === 'batch' || path === '/apps/app-1' ? { answer: refuse } : undefined
    }
    await look(6 * MINUTE)
    if (asked === 0) node.violate('uses what it has not read for long without asking')
  },
  'polls that fail': async ({ world, look }: Stage) => {
    world.nearest.polls.failing = 1
    await world.time.run(SECOND)
    change(world)
    await look(8 * MINUTE)
  },
  'a stream that was replaced': async ({ world, look }: Stage) => {
    holdAll(world, SECOND)
    change(world)
    world.nearest.stack.replaceStream()
    await look(10 * MINUTE)
  },
  'a reader that is many pages behind': async ({ world, look }: Stage) => {
    const { log } = world.nearest.stack
    let isRead = false
    world.nearest.polls.failing = 1
    world.nearest.except = ({ kind }) => {
      isRead ||= kind === 'batch'
      return undefined
    }
    while (!isRead) await look(5 * SECOND)
    change(world)
    await world.time.run(SECOND)
    log.fill(5 * log.maxRead)
    world.nearest.polls.failing = 0
    await look(5 * MINUTE)
  },
  'a log that was restored and grew beyond its old end': async ({ world, look }: Stage) => {
    const { stack, polls } = world.nearest
    const end = stack.log.last?.seq ?? 0
    polls.failing = 1
    stack.restoreLog()
    change(world)
    await world.time.run(SECOND)
    stack.log.fill(end)
    polls.failing = 0
    await look(8 * MINUTE)
  },
  'a page with more behind it': async ({ world, node }: Stage) => {
    world.nearest.except = ({ kind }) =>
      kind === 'poll'
        ? { answer: async (real) => replaceIn(await real(), '"more":false', '"more":true') }
        : undefined
    await world.time.run(40 * SECOND)
    if (node.lookup.stats().revalidation.feed === 'following')
      node.violate('follows, and has not read the end')
  },
  'a hint during a read': async ({ world, node }: Stage) => {
    let isChecked = false
    world.nearest.except = ({ kind }) => {
      if (kind !== 'batch') return undefined
      if (!isChecked) {
        world.time.after(100, () => change(world))
        world.time.after(2_950, () => {
          const { followedApps } = node.lookup.stats().revalidation
          if (followedApps > 0) node.violate('follows an app that a hint named while it was read')
        })
      }
      isChecked = true
      return { toMs: 1, backMs: 2_900 }
    }
    change(world)
    await world.time.run(20 * SECOND)
    if (!isChecked) throw new Error('nothing was read')
  },
  'a hint during a plain read': async ({ world, look }: Stage) => {
    let isRead = false
    world.nearest.except = (request) => {
      if (isRead || !isPlainBatch(request)) return undefined
      isRead = true
      // The old app is read and stored in the function's cache. Then it changes, and the response is slow.
      world.time.after(100, () => change(world))
      return { toMs: 1, backMs: 2_900 }
    }
    await look(20 * MINUTE)
    if (!isRead) throw new Error('nothing was renewed')
  },
  'a plain read that is far behind': async ({ world, look, node }: Stage) => {
    const [before] = world.nearest.stack.replica.changesOf('app-1')
    const result = { status: 200, app: before?.after, etag: '"before"', age: 0 }
    let isRead = false
    change(world)
    world.nearest.except = (request) => {
      if (!isPlainBatch(request)) return isRead && request.kind === 'batch' ? { backMs: 2_900 } : undefined
      isRead = true
      return { answer: async () => ({ statusCode: 200, body: JSON.stringify({ results: [result] }) }) }
    }
    while (!isRead) await look(5 * SECOND)
    for (let i = 0; i < 20; i += 1) {
      void node.find('id', 'app-1')
      await world.time.run(200)
    }
  },
  "an old key in a function's cache": async ({ world, node }: Stage) => {
    const path = `/apps/by-key/${KEY}`
    await world.nearest.stack.answer({ kind: 'lookup', method: 'GET', path, headers: {} })
    world.write('app-1', world.appOf('app-1', 'another-key'))
    await world.time.run(8 * SECOND)
    await world.time.wait(node.connect(KEY))
    if (!node.sockets.has('app-1')) throw new Error('nobody connected with the old key')
    await world.time.run(3 * MINUTE)
    node.judgeSockets()
  },
  'a log that lost its entries during a read': async ({ world, look }: Stage) => {
    let readAt: number | undefined
    world.nearest.except = ({ kind }) => {
      const sinceRead = readAt === undefined ? undefined : world.time.now - readAt
      if (kind === 'poll') return sinceRead !== undefined && sinceRead < 900 ? { fault: 'lost' } : undefined
      if (kind !== 'batch' || readAt !== undefined) return undefined
      readAt = world.time.now
      world.time.after(100, () => change(world))
      world.time.after(500, () => world.write('app-2', world.appOf('app-2', 'key-of-app-2')))
      world.time.after(900, () => world.nearest.stack.log.keepLast(1))
      return { toMs: 1, backMs: 2_900 }
    }
    change(world)
    await look(10 * MINUTE)
  },
  'a fail-over to a region that lags': async ({ world, look }: Stage) => {
    change(world)
    await world.time.run(6 * SECOND)
    world.nearest.isDown = true
    await look(10 * SECOND)
    world.nearest.isDown = false
    await look(10 * MINUTE)
  },
  'an index that lags': async ({ world, node }: Stage) => {
    await world.time.run(2 * MINUTE)
    const ids = Array.from({ length: 8 }, (_, i) => `new-${i}`)
    for (const id of ids) world.write(id, world.appOf(id, `key-of-${id}`))
    await world.time.run(8 * SECOND)
    for (let i = 0; i < 60; i += 1) {
      for (const id of ids) void node.find('key', `key-of-${id}`)
      await world.time.run(6 * SECOND)
    }
  },
  'a heartbeat from the future': async ({ world, look }: Stage) => {
    world.nearest.except = ({ kind }) =>
      kind === 'poll'
        ? { answer: async (real) => replaceIn(await real(), /"heartbeatAge":\d+/, '"heartbeatAge":-9999') }
        : undefined
    holdAll(world, 12 * MINUTE)
    change(world)
    await look(12 * MINUTE)
  },
}

export const SCHEDULE_NAMES = Object.keys(SCHEDULES) as Schedule[]

/** Plays a schedule; returns the promises that were broken. */
export function play(schedule: Schedule, subject: Subject): Promise<readonly string[]> {
  const time = new VirtualTime()
  const random = createRandom(schedule)
  const options: WorldOptions = {
    ...CALM,
    shards: 3,
    delayMs: 200,
    environments: 1,
    indexLagMs: schedule === 'an index that lags' ? 30_000 : 100,
    ...(schedule === 'a fail-over to a region that lags' && LAGGING),
  }
  return withVirtualGlobals(time, random.next, async () => {
    const world = new SimulatedWorld(time, random, options)
    for (const stack of world.stacks) subject.breakStack?.(stack)
    change(world)
    const node = new SimulatedNode(subject, world, random.fork('node'), {
      ...NODE,
      pollIntervalMs: /during a( plain)? read$/.test(schedule) ? SECOND : 5 * SECOND,
    })
    const look = async (ms: number) => {
      for (const endsAt = time.now + ms; time.now < endsAt; await time.run(5 * SECOND))
        void node.find('key', KEY)
    }
    await look(3 * MINUTE)
    await SCHEDULES[schedule]({ world, node, look })
    return node.violations
  })
}

/** Whether a request renews apps with plain reads. */
const isPlainBatch = ({ kind, body }: Request) => kind === 'batch' && !body?.includes('"consistent":true')

function change(world: SimulatedWorld): void {
  world.write('app-1', world.appOf('app-1', KEY))
}

function holdAll(world: SimulatedWorld, ms: number): void {
  for (let shard = 0; shard < world.options.shards; shard += 1)
    world.nearest.stack.stream.hold(shard, world.time.now + ms)
}

const refuse = async () => ({ statusCode: 503, body: '' })

const replaceIn = <A extends { readonly body?: string | undefined }>(
  answer: A,
  find: string | RegExp,
  text: string,
): A => ({
  ...answer,
  ...(answer.body !== undefined && { body: answer.body.replace(find, text) }),
})
