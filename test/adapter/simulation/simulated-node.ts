import type { App } from '../../../adapter/lookup/app.ts'
import type { Reading } from '../../../adapter/lookup/cache/record.ts'
import type { By } from '../../../adapter/lookup/endpoint/request.ts'
import type { AppLookup, createAppLookup } from '../../../adapter/lookup/lookup.ts'
import type { Timers } from '../../../adapter/lookup/timers.ts'
import type { Random } from '../../support/random.ts'
import type { MemoryStack } from '../world/memory-stack.ts'
import { RequestHistory } from '../world/request-history.ts'
import { wasShared, whyNotGone, whyTooOld } from './oracle.ts'
import { ReceivedPages } from './received-pages.ts'
import type { SimulatedWorld } from './simulated-world.ts'

/** What to simulate: the real adapter and functions, or one of them with a broken rule. */
export type Subject = {
  readonly createAppLookup: typeof createAppLookup
  readonly breakStack?: ((stack: MemoryStack) => void) | undefined
}

export type NodeOptions = {
  readonly pollIntervalMs: number
  readonly maxApps: number
  readonly hasSnapshot: boolean
}

export const NODE: NodeOptions = { pollIntervalMs: 5_000, maxApps: 1_000, hasSnapshot: false }

const DAY_MS = 86_400_000

/** How long a failure is an accepted reason: breakers probe at most 7.5 s apart, for 3 s. */
const EXCUSED_MS = 15_000
/** The same for open sockets, without lookups: the waits of the queue grow to a minute. */
const SOCKETS_EXCUSED_MS = 150_000
const FAILOVER_MS = 150_000
/** How long a node follows after a page, and if a cache repeats that one; ages are in whole seconds. */
const FOLLOWS_MS = { after: 30_000 + 2_000, repeating: 210_000 + 2_000 }
/** An eventually consistent read must be repeated 15 s later. */
const CONFIRM_AFTER_MS = 60_000

/** A node with clients: it looks up apps, has open sockets, and records every wrong answer. */
export class SimulatedNode {
  readonly options: NodeOptions
  readonly history: RequestHistory
  readonly violations: string[] = []
  /** The apps with open sockets, as the sockets know them. */
  readonly sockets = new Map<string, App>()
  lookups = 0
  lookup: AppLookup
  readonly #subject: Subject
  readonly #world: SimulatedWorld
  readonly #random: Random
  readonly #clockAheadMs: number
  #pages = new ReceivedPages()
  #pausedUntil = Number.NEGATIVE_INFINITY
  #saved: readonly Reading[]

  /** @param saved what an earlier run of the node has left, if it has a snapshot */
  constructor(
    subject: Subject,
    world: SimulatedWorld,
    random: Random,
    options: NodeOptions,
    saved: readonly Reading[] = [],
  ) {
    this.#saved = saved
    this.#subject = subject
    this.#world = world
    this.options = options
    this.#random = random
    this.history = new RequestHistory(world.nearest.stack.region)
    this.#clockAheadMs = random.between(1, 3) * DAY_MS
    this.lookup = this.#start()
  }

  /** Restarts, with the last snapshot if there is one. */
  async restart(isCrash: boolean): Promise<void> {
    const saved = this.#saved
    await this.lookup.close()
    if (isCrash) this.#saved = saved
    this.sockets.clear()
    this.lookup = this.#start()
  }

  /** Stops everything in the process for a time: its timers, its requests and its clients wait, and its clock goes on. */
  pause(ms: number): void {
    const { now } = this.#world.time
    const until = Math.max(this.#pausedUntil, now + ms)
    // Failures are as recent for the node after the pause as before it.
    this.history.delay(until - Math.max(this.#pausedUntil, now))
    this.#pausedUntil = until
  }

  /** Looks up an app and checks the answer. */
  async find(by: By, name: string): Promise<App | undefined> {
    await this.#awake()
    const { lookup } = this
    this.lookups += 1
    try {
      const app = await (by === 'id' ? lookup.findById(name) : lookup.findByKey(name))
      if (this.lookup === lookup) this.#judge(by, name, app, EXCUSED_MS)
      return app
    } catch (error) {
      if (this.lookup === lookup) this.#judgeError(by, name, error)
      return undefined
    }
  }

  /** A client connects with a key. Its socket stays open while the app is enabled. */
  async connect(key: string): Promise<void> {
    const { lookup } = this
    const app = await this.find('key', key)
    if (!app?.enabled || this.lookup !== lookup) return
    this.sockets.set(app.id, app)
    lookup.setLive(app.id, true)
    // The app can have changed since it was looked up.
    const current = lookup.peek(app.id)
    if (current && current !== app) this.#changed(app.id, current)
  }

  /** Checks the apps of the open sockets. */
  judgeSockets(): void {
    if (this.#world.time.now - this.#pausedUntil <= SOCKETS_EXCUSED_MS) return
    for (const [id, app] of this.sockets) this.#judge('id', id, app, SOCKETS_EXCUSED_MS)
  }

  /** Checks that the node does not follow without pages, or with pages that a cache repeats. */
  judgeFollowing(): void {
    const { now } = this.#world.time
    const pageMs = now - this.#pages.lastAt
    const newPageMs = now - this.#pages.lastNewAt
    if (pageMs <= FOLLOWS_MS.after && newPageMs <= FOLLOWS_MS.repeating) return
    if (this.lookup.stats().revalidation.feed === 'following')
      this.violate(`follows, ${seconds(pageMs)} after a page, and ${seconds(newPageMs)} after a new one`)
  }

  violate(what: string): void {
    this.violations.push(`at ${(this.#world.time.now / 1000).toFixed(1)} s: ${what}`)
  }

  #start(): AppLookup {
    const { pollIntervalMs, maxApps, hasSnapshot } = this.options
    const { time, gateways } = this.#world
    const waiting = [...gateways]
    this.#pages = new ReceivedPages()
    const lookup = this.#subject.createAppLookup({
      url: gateways.map(({ stack }) => `https://${stack.region}.example`),
      token: 'made-up-token',
      maxCachedApps: maxApps,
      feedPollIntervalMs: pollIntervalMs,
      snapshotFile: hasSnapshot ? 'in memory' : undefined,
      clock: () => time.now + this.#clockAheadMs,
      ports: {
        timers: this.#timers,
        random: this.#random.next,
        createEndpoint: () => {
          const gateway = waiting.shift()
          if (gateway === undefined) throw new Error('more endpoints than regions')
          const endpoint = gateway.createEndpoint(this.history)
          return {
            ...endpoint,
            exchange: async (request, token, deadlineMs) => {
              const sentAt = time.now
              const response = await endpoint.exchange(request, token, deadlineMs)
              await this.#awake()
              if (time.now - sentAt <= deadlineMs) {
                this.#pages.add(request, response, time.now)
                return response
              }
              // After a pause, Node calls the timers that are due before it reads from sockets.
              if (request.kind !== 'poll') this.history.failedAt = time.now
              return { fault: 'deadline' }
            },
          }
        },
        createSnapshot: () => ({
          load: (_, now) =>
            this.#saved.map((reading) => ({ ...reading, readAt: Math.min(reading.readAt, now) })),
          save: async (_, readings) => {
            this.#saved = readings.filter(({ app }) => app.enabled)
          },
        }),
      },
    })
    lookup.onChange((id, app) => {
      if (this.lookup === lookup) this.#changed(id, app)
    })
    return lookup
  }

  /** Calls that are due during a pause are made after it. */
  readonly #timers: Timers = {
    after: (ms, call) => {
      const { time } = this.#world
      let timer = time.after(ms, () => {
        if (this.#pausedUntil <= time.now) return call()
        timer = this.#timers.after(this.#pausedUntil - time.now, call)
      })
      return { cancel: () => timer.cancel() }
    },
    inBackground: (ms, call) => this.#timers.after(ms, call),
  }

  async #awake(): Promise<void> {
    const { time } = this.#world
    while (this.#pausedUntil > time.now) await time.sleep(this.#pausedUntil - time.now)
  }

  #changed(id: string, app: App | undefined): void {
    if (!this.sockets.has(id)) return
    const why = app === undefined ? whyNotGone(this.#world.stacks, id, this.#world.time.now) : undefined
    if (why !== undefined) this.violate(`${id} is said to be gone: ${why}`)
    if (app?.enabled) this.sockets.set(id, app)
    else {
      this.sockets.delete(id)
      this.lookup.setLive(id, false)
    }
  }

  #judge(by: By, name: string, app: App | undefined, excusedMs: number): void {
    const { time, stacks } = this.#world
    const { failedAt, elsewhereAt } = this.history
    const excuses = {
      isStaleIfError: time.now - failedAt <= excusedMs,
      isUnconfirmed:
        time.now - Math.max(failedAt, this.#pausedUntil) <= CONFIRM_AFTER_MS ||
        time.now - elsewhereAt <= FAILOVER_MS,
    }
    const why = whyTooOld(stacks, { by, name, app }, time.now, excuses)
    if (why !== undefined) this.violate(`${by} ${name} is ${describe(app)}: ${why}`)
    if (app !== undefined && app[by] !== name) this.violate(`${by} ${name} is another app`)
  }

  #judgeError(by: By, name: string, error: unknown): void {
    const { now } = this.#world.time
    const { failedAt, elsewhereAt } = this.history
    const isExcused =
      now - Math.max(failedAt, elsewhereAt, this.#pausedUntil) <= EXCUSED_MS ||
      (by === 'key' && wasShared(this.#world.stacks, name, now))
    const code = error instanceof Error && 'code' in error ? error.code : String(error)
    if (!isExcused && code !== 'too-many-unknown') this.violate(`${by} ${name} can't be looked up: ${code}`)
  }
}

const seconds = (ms: number) => `${Math.round(ms / 1000)} s`

const describe = (app: App | undefined) =>
  app === undefined ? 'no app' : `${app.id} version ${app.maxConnections}`
