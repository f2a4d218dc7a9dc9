import type { DynamoDBRecord } from 'aws-lambda'
import type { Request } from '../../../adapter/lookup/endpoint/request.ts'
import type { App } from '../../../functions/apps/app.ts'
import { heartbeatIdOf } from '../../../functions/apps/heartbeat.ts'
import type { Table } from '../../../functions/apps/table.ts'
import { appendChanges } from '../../../functions/feed/append-changes.ts'
import { readStreamBatch } from '../../../functions/feed/stream-records.ts'
import type { ProxyResponse } from '../../../functions/http/response.ts'
import { LookupError } from '../../../functions/lookup-error.ts'
import type { Random } from '../../support/random.ts'
import { type VirtualTime, withClockError } from '../../support/virtual-time.ts'
import { answerRequest, config, type Environment, startEnvironment } from './functions.ts'
import { MemoryLog, unavailable } from './memory-log.ts'
import { RecordStream, type StreamOptions } from './record-stream.ts'
import { type Change, Replica, type ReplicaTimes } from './replica.ts'

/** How the feed handled a change. */
export type Told = { readonly at: number | undefined; readonly wasDenied: boolean }

export type StackOptions = ReplicaTimes &
  StreamOptions & {
    readonly region: string
    readonly environments: number
    readonly hasFeed: boolean
    /** How wrong the clock of a function can be, in ms. */
    readonly clockErrorMs: number
  }

/** How long RecordChanges works at a batch. */
const INVOCATION_MS = 29_000
/** How long a function repeats a page. */
const PAGE_TTL_MS = 1_000

/** An environment, on a host whose clock is this wrong. */
type Host = { readonly environment: Environment; readonly clockErrorMs: number }

/** One region's stack: the code of the functions, with a table, a stream and a log in memory. */
export class MemoryStack {
  readonly region: string
  readonly replica: Replica
  readonly stream: RecordStream
  readonly log: MemoryLog
  readonly hasFeed: boolean
  /** The probability that a read of the table fails. */
  failingReads = 0
  /** The longest time of a read of the table, in ms. */
  readMs = 0
  readonly #time: VirtualTime
  readonly #random: Random
  readonly #environments: Host[]
  readonly #clockErrorMs: number
  readonly #told = new WeakMap<Change, Told>()
  readonly #hidden: { readonly from: number; readonly to: number }[] = []
  /** The epoch of a log that was restored, whose numbers are used again. */
  #reusedEpoch = ''
  /** Changes that readers do not know of until the log has a new epoch. */
  readonly #lost: Change[] = []

  constructor(time: VirtualTime, random: Random, options: StackOptions) {
    const { region, environments, hasFeed, clockErrorMs } = options
    this.#clockErrorMs = clockErrorMs
    this.region = region
    this.#time = time
    this.#random = random.fork('functions')
    this.hasFeed = hasFeed
    this.replica = new Replica(time, random.fork('table'), options)
    this.log = new MemoryLog(time, random.fork('log'))
    this.stream = new RecordStream(time, random.fork('stream'), options, (records, changes) =>
      this.#recordChanges(records, changes),
    )
    this.#environments = Array.from({ length: environments }, () => this.#startEnvironment())
    if (hasFeed) this.replica.onChange((change) => this.stream.record(change))
  }

  /** The id of the item that proves that the stream of this region works. */
  get heartbeatId(): string {
    return heartbeatIdOf(this.region)
  }

  /** When the hint of a change was in the feed (undefined: not yet), and whether the feed was current without it before. */
  toldOf(change: Change): Told {
    const told = this.#told.get(change) ?? { at: undefined, wasDenied: this.#isDenied(change) }
    const { at = Number.NaN } = told
    const until = this.#hidden.find(({ from, to }) => from <= at && at < to)?.to
    return until === undefined ? told : { ...told, at: until }
  }

  /** Until a time, readers get pages that are read now or were read within the last second. */
  hideChanges(until: number): void {
    this.#hidden.push({ from: this.#time.now - PAGE_TTL_MS, to: until })
  }

  /** One of the environments responds. */
  answer(request: Request): Promise<ProxyResponse> {
    const { environment, clockErrorMs } = this.#random.pick(this.#environments)
    return withClockError(clockErrorMs, () => answerRequest(environment, request))
  }

  /** Replaces an environment and its caches with a new one. */
  replaceEnvironment(): void {
    this.#environments[this.#random.whole(0, this.#environments.length - 1)] = this.#startEnvironment()
  }

  /** Turns the stream off and on. The next entry starts a new epoch, so that lost changes are noticed. */
  replaceStream(): void {
    this.#lose(this.stream.replace())
  }

  /** Restores the log from a backup. Its next entries have numbers that were used before, until a heartbeat shows that. */
  restoreLog(): void {
    this.#reusedEpoch = this.log.restore() ?? this.#reusedEpoch
  }

  async #recordChanges(Records: readonly DynamoDBRecord[], changes: readonly Change[]): Promise<void> {
    const denied = changes.map((change) => this.#isDenied(change))
    const batch = readStreamBatch({ Records }, { tableName: config.tableName, region: this.region })
    await withClockError(this.#drawClockErrorMs(), () =>
      appendChanges(batch, this.log, deadlineWithin(INVOCATION_MS)),
    )
    this.#lose(changes, denied)
    if (this.log.last?.epoch === this.#reusedEpoch) return
    const at = this.#time.now
    for (const change of this.#lost.splice(0))
      this.#told.set(change, { at, wasDenied: this.toldOf(change).wasDenied })
  }

  #lose(changes: readonly Change[], denied = changes.map((change) => this.#isDenied(change))): void {
    for (const [i, change] of changes.entries()) {
      if (this.#told.has(change)) continue
      this.#told.set(change, { at: undefined, wasDenied: denied[i] ?? false })
      this.#lost.push(change)
    }
  }

  /** A later heartbeat arrived before the change, by another shard. */
  #isDenied({ at }: Change): boolean {
    return this.log.heartbeatAt > Date.now() - this.#time.now + at
  }

  #startEnvironment(): Host {
    const environment = startEnvironment(this.#table, this.hasFeed ? this.log : undefined)
    return { environment, clockErrorMs: this.#drawClockErrorMs() }
  }

  #drawClockErrorMs(): number {
    return this.#random.between(-this.#clockErrorMs, this.#clockErrorMs)
  }

  readonly #table: Table = {
    findById: async (id, { consistent = false }) => {
      await this.#read()
      return this.replica.findById(id, consistent)
    },
    findByKey: async (key) => {
      await this.#read()
      const [app, another] = this.replica.findByKey(key)
      if (another) throw new LookupError('app-key-not-unique', 'Two items have this key.')
      return app
    },
  }

  async #read(): Promise<void> {
    if (this.readMs > 0) await this.#time.sleep(this.#random.between(0, this.readMs))
    if (this.#random.chance(this.failingReads)) throw unavailable()
  }
}

/** The deadline of each read or write of an invocation that may take this long. */
function deadlineWithin(ms: number): () => number {
  const endsAt = Date.now() + ms
  return () => Math.min(Date.now() + config.deadlineMs, endsAt)
}

/** An app with a `version` in its content. */
export function appOf(id: string, key: string, version: number, enabled = true): App {
  return { id, key, secret: 'made-up-secret', enabled, maxConnections: version }
}
