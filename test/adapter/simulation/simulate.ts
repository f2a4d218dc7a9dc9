import { createRandom, type Random } from '../../support/random.ts'
import { MINUTE, SECOND, VirtualTime, withVirtualGlobals } from '../../support/virtual-time.ts'
import { BLOCKED_SHARD, FAULTS, REPEATED_PAGES, strike } from './faults.ts'
import { judgeFreshness, judgeRecovery } from './recovery.ts'
import { SimulatedClients } from './simulated-clients.ts'
import { type NodeOptions, SimulatedNode, type Subject } from './simulated-node.ts'
import { SimulatedWorld, type WorldOptions } from './simulated-world.ts'
import { Writers } from './writers.ts'

/** The result of one seed. */
export type Report = {
  readonly seed: number
  /** The promises that were broken, the first ones first. */
  readonly violations: readonly string[]
  readonly virtualMs: number
  readonly lookups: number
  readonly requests: number
  /** The names of its faults. */
  readonly faults: readonly string[]
}

/** Every node follows this long after the last fault: waits grow to a minute, and heartbeats are up to two apart. */
const RECOVERY_MS = 5 * MINUTE
/** Some writers write again 40 s later, and hints of it take up to 30 s. */
const QUIET_MS = 100 * SECOND
/** The queue sends once per second, so it has read the last lookups after this time. */
const SETTLE_MS = 3 * SECOND

/** Runs nodes with the events of a seed, and records every broken promise. */
export function simulate(seed: number, subject: Subject): Promise<Report> {
  const time = new VirtualTime()
  const random = createRandom(seed)
  return withVirtualGlobals(time, random.fork('globals').next, async () => {
    const world = new SimulatedWorld(time, random, worldOptions(random))
    for (const stack of world.stacks) subject.breakStack?.(stack)
    const writers = new Writers(world, random.fork('writers'), random.whole(4, 14))
    const nodes = Array.from({ length: random.whole(1, 2) }, (_, i) => {
      const ofNode = random.fork(`node ${i}`)
      return new SimulatedNode(subject, world, ofNode, nodeOptions(ofNode))
    })
    const clients = nodes.map((node, i) => new SimulatedClients(node, writers, random.fork(`clients ${i}`)))

    const troubleMs = planTrouble(world, nodes, random)
    const quietAt = troubleMs + RECOVERY_MS
    const writing = random.fork('writing')
    every(world, writing, writing.between(2, 60) * SECOND, quietAt - QUIET_MS, () => writers.write())
    for (const client of clients) client.start(time, quietAt)
    await time.runUntil(quietAt + SETTLE_MS)
    for (const node of nodes) judgeRecovery(node, world)
    await judgeFreshness(nodes, world, writers)
    return {
      seed,
      violations: nodes.flatMap(({ violations }) => violations),
      virtualMs: time.now,
      lookups: sum(nodes.map(({ lookups }) => lookups)),
      requests: sum(nodes.map(({ history }) => history.exchanges.length)),
      faults: world.faults,
    }
  })
}

function worldOptions(random: Random): WorldOptions {
  const { between, chance, pick, whole } = random.fork('world options')
  return {
    regions: chance(0.3) ? ['eu-west-1', 'us-east-1'] : ['eu-west-1'],
    replicationMs: between(200, 8_000),
    readLagMs: pick([0, 1_000]),
    indexLagMs: pick([100, 3_000, 30_000]),
    shards: whole(1, 3),
    delayMs: pick([100, 1_000, 5_000]),
    isKeysOnly: chance(0.15),
    doubled: pick([0, 0.2]),
    environments: whole(1, 3),
    hasFeed: chance(0.95),
    clockErrorMs: pick([0, 1_000]),
  }
}

function nodeOptions(random: Random): NodeOptions {
  const { pick, chance } = random.fork('node options')
  return {
    pollIntervalMs: pick([1_000, 5_000, 5_000, 10_000, 20_000]),
    maxApps: pick([2, 4, 1_000]),
    hasSnapshot: chance(0.3),
  }
}

/** Plans the faults, and returns the time at which the last one ends. */
function planTrouble(world: SimulatedWorld, nodes: readonly SimulatedNode[], random: Random): number {
  const own = random.fork('trouble')
  const isLong = own.chance(0.1) && world.options.shards > 1
  const endsAt = (isLong ? 30 : own.between(4, 8)) * MINUTE
  if (isLong) world.time.at(own.between(1, 4) * MINUTE, () => strike(world, own, BLOCKED_SHARD, endsAt))
  if (own.chance(0.1))
    world.time.at(own.between(0.5, 1) * MINUTE, () => strike(world, own, REPEATED_PAGES, endsAt))
  const faults = own.fork('faults')
  every(world, faults, faults.between(0.5, 4) * MINUTE, endsAt, () =>
    strike(world, faults, faults.pick(FAULTS), endsAt),
  )
  const restarts = own.fork('restarts')
  every(world, restarts, restarts.between(4, 20) * MINUTE, endsAt, () => {
    void restarts.pick(nodes).restart(restarts.chance(0.5))
  })
  const pauses = own.fork('pauses')
  every(world, pauses, pauses.between(1, 6) * MINUTE, endsAt, () => {
    const ms = pauses.between(2 * SECOND, pauses.pick([20 * SECOND, 6 * MINUTE]))
    pauses.pick(nodes).pause(Math.min(ms, endsAt - world.time.now))
  })
  return endsAt
}

/** Repeats something until a time. */
export function every(
  world: SimulatedWorld,
  random: Random,
  gapMs: number,
  endsAt: number,
  act: () => void,
): void {
  const next = () => {
    const gap = gapMs * random.between(0.1, 1.9)
    if (world.time.now + gap >= endsAt) return
    world.time.after(gap, () => {
      act()
      next()
    })
  }
  next()
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0)
