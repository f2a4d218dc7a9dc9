import type { Item } from '../../../functions/apps/item.ts'
import { encodeEntry, MAX_ENTRY } from '../../../functions/feed/change-entry.ts'
import type { Random } from '../../support/random.ts'
import { MINUTE, SECOND } from '../../support/virtual-time.ts'
import type { Conditions, FaultyGateway } from '../world/faulty-gateway.ts'
import type { MemoryLog } from '../world/memory-log.ts'
import type { SimulatedWorld } from './simulated-world.ts'

/** A fault that lasts for some time. */
export type Fault = {
  readonly name: string
  /** Lasts from some to some ms. */
  readonly lastsMs: readonly [number, number]
  /** Begins it; what it returns ends it. */
  readonly begin: (place: Place) => () => void
}

type Place = {
  readonly gateway: FaultyGateway
  readonly world: SimulatedWorld
  readonly random: Random
  readonly lastsMs: number
}

/** Following ends after 210 s of it. */
export const REPEATED_PAGES: Fault = {
  name: 'a cache repeats pages',
  lastsMs: [4 * MINUTE, 8 * MINUTE],
  begin: ({ gateway, world, lastsMs }) =>
    gateway.repeatPages({ hasAge: false, until: world.time.now + lastsMs }),
}

export const FAULTS: readonly Fault[] = [
  {
    name: 'the stream stalls',
    lastsMs: [10 * SECOND, 8 * MINUTE],
    begin: (place) => hold(place, () => true),
  },
  {
    name: "the heartbeat's shard is blocked",
    lastsMs: [MINUTE, 6 * MINUTE],
    begin: (place) => hold(place, (shard) => shard === heartbeatShard(place)),
  },
  {
    name: 'changes are recorded with failures',
    lastsMs: [10 * SECOND, 3 * MINUTE],
    begin: ({ gateway: { stack } }) => during(stack.log, { failing: 0.4, slowMs: 600 }),
  },
  {
    name: 'reads of the table fail',
    lastsMs: [5 * SECOND, 2 * MINUTE],
    begin: ({ gateway: { stack } }) => during(stack, { failingReads: 0.2 }),
  },
  {
    name: 'reads of the table are slow',
    lastsMs: [5 * SECOND, 2 * MINUTE],
    begin: ({ gateway: { stack } }) => during(stack, { readMs: 800 }),
  },
  { name: 'lookups fail', lastsMs: [SECOND, 2 * MINUTE], begin: lookups({ failing: 0.6 }) },
  { name: 'lookups get lost', lastsMs: [SECOND, MINUTE], begin: lookups({ lost: 0.5 }) },
  { name: 'lookups are slow', lastsMs: [SECOND, 2 * MINUTE], begin: lookups({ latencyMs: 1_400 }) },
  { name: 'lookups are throttled', lastsMs: [SECOND, 3 * MINUTE], begin: lookups({ perSecond: 0.5 }) },
  { name: 'polls fail', lastsMs: [SECOND, 4 * MINUTE], begin: polls({ failing: 0.7 }) },
  { name: 'polls get lost', lastsMs: [SECOND, 2 * MINUTE], begin: polls({ lost: 0.7 }) },
  { name: 'polls are slow', lastsMs: [SECOND, 4 * MINUTE], begin: polls({ latencyMs: 1_800 }) },
  {
    name: 'a region is down',
    lastsMs: [SECOND, 3 * MINUTE],
    begin: ({ gateway }) => during(gateway, { isDown: true }),
  },
  {
    name: 'functions start anew',
    lastsMs: [0, 0],
    begin: ({ gateway: { stack } }) => once(() => stack.replaceEnvironment()),
  },
  {
    name: 'the stream is another one',
    lastsMs: [0, 0],
    begin: ({ gateway: { stack } }) => once(() => stack.replaceStream()),
  },
  {
    name: 'the log loses entries',
    lastsMs: [0, 0],
    begin: ({ gateway: { stack }, random }) => once(() => stack.log.keepLast(random.whole(0, 3))),
  },
  {
    name: 'the log has a gap',
    lastsMs: [0, 0],
    begin: ({ gateway: { stack } }) => once(() => stack.log.makeGap()),
  },
  {
    name: 'the log is restored from a backup',
    lastsMs: [0, 0],
    begin: ({ gateway: { stack }, world, random }) =>
      once(() => {
        // A stream of keys has no heartbeat before, whose absence from the log would show it.
        if (world.options.isKeysOnly) return
        stack.restoreLog()
        stack.log.fill(random.whole(0, 20))
      }),
  },
  {
    name: 'the log has an item that RecordChanges has not written',
    lastsMs: [0, 0],
    begin: ({ gateway: { stack }, random }) => once(() => stack.log.put(foreignItem(stack.log, random))),
  },
  {
    name: 'readers are cut off while many changes are recorded',
    lastsMs: [10 * SECOND, 4 * MINUTE],
    begin: ({ gateway, world, random, lastsMs }) => {
      const gapMs = random.between(SECOND, 5 * SECOND)
      for (let ms = gapMs; ms < lastsMs; ms += gapMs)
        world.time.after(ms, () => gateway.stack.log.fill(random.whole(1, 60)))
      return during(gateway.polls, { failing: 1 })
    },
  },
  REPEATED_PAGES,
  {
    name: 'a cache repeats pages with their age',
    lastsMs: [4 * MINUTE, 8 * MINUTE],
    begin: ({ gateway, world, lastsMs }) =>
      gateway.repeatPages({ hasAge: true, until: world.time.now + lastsMs }),
  },
  {
    name: 'a tool writes more apps than an entry of the log holds',
    lastsMs: [0, 0],
    begin: ({ world }) =>
      once(() => {
        for (let i = 0; i < 2.5 * MAX_ENTRY.hints; i += 1)
          world.write(`other-${i}`, world.appOf(`other-${i}`, `key-of-other-${i}`))
      }),
  },
]

/** The shard of some apps delivers nothing while the heartbeat's does. */
export const BLOCKED_SHARD: Fault = {
  name: 'a shard is blocked',
  lastsMs: [16 * MINUTE, 26 * MINUTE],
  begin: (place) => hold(place, (shard) => shard !== heartbeatShard(place)),
}

/** Begins a fault in some region; it is over at `endsAt` at the latest. */
export function strike(
  world: SimulatedWorld,
  random: Random,
  { name, lastsMs, begin }: Fault,
  endsAt: number,
): void {
  world.faults.push(name)
  const lasts = Math.min(random.between(...lastsMs), endsAt - world.time.now)
  const end = begin({ gateway: random.pick(world.gateways), world, random, lastsMs: lasts })
  world.time.after(lasts, end)
}

function hold({ gateway: { stack }, world, lastsMs }: Place, isHeld: (shard: number) => boolean): () => void {
  for (let shard = 0; shard < world.options.shards; shard += 1)
    if (isHeld(shard)) stack.stream.hold(shard, world.time.now + lastsMs)
  return () => {}
}

/** A copy of the last entry, whole or damaged, under a number that the next entry could not have. */
function foreignItem({ last }: MemoryLog, random: Random): Item {
  const entry = last ?? {
    seq: 0,
    epoch: 'some-epoch-',
    hints: [],
    source: 'unknown',
    appendedAt: Date.now() / 1000,
  }
  const { hints: _, ...damaged } = encodeEntry(entry)
  const seq = random.pick([entry.seq + 40, Date.now(), Number.MAX_SAFE_INTEGER, 2 ** 53, 1e30])
  return { ...(random.chance(0.5) ? damaged : encodeEntry(entry)), seq: { N: String(seq) } }
}

const heartbeatShard = ({ gateway: { stack } }: Place) => stack.stream.shardOf(stack.heartbeatId)

/** Sets some fields, and resets them at the end. */
function during<T extends object>(target: T, fields: Partial<T>): () => void {
  const before = CALM_FIELDS.get(target) ?? { ...target }
  CALM_FIELDS.set(target, before)
  Object.assign(target, fields)
  return () => {
    for (const field of Object.keys(fields)) Object.assign(target, { [field]: Reflect.get(before, field) })
  }
}
const CALM_FIELDS = new WeakMap<object, object>()

function lookups(conditions: Partial<Conditions>): Fault['begin'] {
  return ({ gateway }) => during(gateway.lookups, conditions)
}

function polls(conditions: Partial<Conditions>): Fault['begin'] {
  return ({ gateway }) => during(gateway.polls, conditions)
}

function once(happen: () => void): () => void {
  happen()
  return () => {}
}
