import type { App } from '../../../functions/apps/app.ts'
import type { Random } from '../../support/random.ts'
import type { VirtualTime } from '../../support/virtual-time.ts'
import { FaultyGateway } from '../world/faulty-gateway.ts'
import { appOf, MemoryStack, type StackOptions } from '../world/memory-stack.ts'

export type WorldOptions = Omit<StackOptions, 'region'> & {
  readonly regions: readonly string[]
  /** The longest replication delay, in ms. */
  readonly replicationMs: number
}

export const CALM: WorldOptions = {
  regions: ['eu-west-1'],
  replicationMs: 2_000,
  readLagMs: 500,
  indexLagMs: 1_000,
  shards: 2,
  delayMs: 1_000,
  isKeysOnly: false,
  doubled: 0,
  environments: 2,
  hasFeed: true,
  clockErrorMs: 0,
}

const MINUTE_MS = 60_000

/** A global table, and a stack in each of its regions; the first region is the nearest one. */
export class SimulatedWorld {
  readonly time: VirtualTime
  readonly gateways: readonly FaultyGateway[]
  readonly options: WorldOptions
  /** The names of the faults that began. */
  readonly faults: string[] = []
  readonly #random: Random
  readonly #replicatedAt = new Map<string, number>()
  #version = 0

  constructor(time: VirtualTime, random: Random, options: WorldOptions) {
    this.time = time
    this.options = options
    this.#random = random.fork('world')
    this.gateways = options.regions.map((region) => {
      const ofRegion = random.fork(region)
      return new FaultyGateway(time, ofRegion, new MemoryStack(time, ofRegion, { ...options, region }))
    })
    for (const { stack } of this.gateways) this.#beat(stack)
  }

  get stacks(): MemoryStack[] {
    return this.gateways.map(({ stack }) => stack)
  }

  /** The nearest region's gateway. */
  get nearest(): FaultyGateway {
    const [nearest] = this.gateways
    if (nearest === undefined) throw new Error('a world without a region')
    return nearest
  }

  /** An app with new content. */
  appOf(id: string, key: string, enabled = true): App {
    this.#version += 1
    return appOf(id, key, this.#version, enabled)
  }

  /** Writes to the nearest region. The writes of each item are replicated in order. */
  write(id: string, app: App | undefined, from = this.nearest.stack): void {
    for (const { stack } of this.gateways) {
      const lagMs = stack === from ? 0 : this.#random.between(100, this.options.replicationMs)
      const place = `${stack.region} ${id}`
      const at = Math.max(this.time.now + lagMs, this.#replicatedAt.get(place) ?? 0)
      this.#replicatedAt.set(place, at)
      if (at === this.time.now) stack.replica.write(id, app)
      else this.time.at(at, () => stack.replica.write(id, app))
    }
  }

  /** The schedule is exact to a minute. */
  #beat(stack: MemoryStack, minute = 0): void {
    const at = minute * MINUTE_MS + this.#random.between(0, minute === 0 ? 1_000 : MINUTE_MS)
    this.time.at(at, () => {
      const id = stack.heartbeatId
      this.write(id, appOf(id, id, minute * MINUTE_MS, false), stack)
      this.#beat(stack, minute + 1)
    })
  }
}
