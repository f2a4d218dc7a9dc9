import type { Fault, HttpResponse } from '../../../adapter/lookup/endpoint/endpoint.ts'
import type { Request, RequestKind } from '../../../adapter/lookup/endpoint/request.ts'
import type { App } from '../../../functions/apps/app.ts'
import type { ProxyResponse } from '../../../functions/http/response.ts'
import type { Random } from '../../support/random.ts'
import { MINUTE, type VirtualTime } from '../../support/virtual-time.ts'
import { FaultyGateway } from './faulty-gateway.ts'
import { appOf, MemoryStack } from './memory-stack.ts'

/** A request that arrived. */
export type Arrival = { readonly at: number; readonly request: Request }

/** What a test replies instead of the functions: a response, or the reason why there is none. */
export type Reply = HttpResponse | Fault

/** Longer than any test. */
const FOREVER_MS = 10_000 * MINUTE

/** One region of the endpoint: the real functions, with a table, a stream and a change log in memory. */
export class Region {
  readonly stack: MemoryStack
  readonly gateway: FaultyGateway
  readonly arrivals: Arrival[] = []
  /** Replies to requests of a kind. The functions respond where there is none, or its result is undefined. */
  readonly replies: Partial<Record<RequestKind, (request: Request) => Reply | undefined>> = {}
  /** How long a request takes, in ms. */
  latencyOf = (_request: Request): number => 20 * this.#random.between(0.5, 2)
  /** How far eventually consistent reads, the index by key and the stream can be behind, in ms. A test can change them. */
  readonly lags = { readLagMs: 0, indexLagMs: 0, delayMs: 1_000 }
  readonly #time: VirtualTime
  readonly #random: Random

  constructor(name: string, time: VirtualTime, random: Random, isKeysOnly: boolean) {
    this.#time = time
    this.#random = random.fork(name)
    const options = {
      region: name,
      environments: 3,
      hasFeed: true,
      shards: 3,
      isKeysOnly,
      doubled: 0,
      clockErrorMs: 0,
    }
    this.stack = new MemoryStack(time, this.#random, Object.assign(this.lags, options))
    this.gateway = new FaultyGateway(time, this.#random, this.stack)
    this.gateway.except = (request) => {
      this.arrivals.push({ at: time.now, request })
      const halfMs = this.latencyOf(request) / 2
      const answer = async (real: () => Promise<ProxyResponse>) =>
        this.replies[request.kind]?.(request) ?? real()
      return { toMs: halfMs, backMs: halfMs, answer }
    }
    this.#beatEveryMinute()
  }

  /** Writes an item, or deletes it. */
  write(id: string, app: App | undefined): void {
    this.stack.replica.write(id, app)
  }

  /** The current app with this id. */
  byId(id: string): App | undefined {
    return this.stack.replica.findById(id, true)
  }

  /** The shard that has the changes of this id delivers nothing more, unlike the one that has the heartbeats. */
  blockShardOf(id: string): void {
    const { stream, heartbeatId } = this.stack
    if (stream.shardOf(id) === stream.shardOf(heartbeatId)) throw new Error(`${id} is beside the heartbeat`)
    stream.hold(stream.shardOf(id), FOREVER_MS)
  }

  /** A new stream begins with a heartbeat. Changes that the old one has not delivered are lost. */
  replaceStream(): void {
    this.stack.replaceStream()
    this.#beat()
  }

  /** The number of requests of a kind. */
  count(kind: RequestKind, since = 0): number {
    return this.arrivals.filter(({ at, request }) => request.kind === kind && at >= since).length
  }

  #beatEveryMinute(): void {
    this.#beat()
    this.#time.inBackground(MINUTE, () => this.#beatEveryMinute())
  }

  #beat(): void {
    const { heartbeatId } = this.stack
    this.write(heartbeatId, appOf(heartbeatId, heartbeatId, this.#time.now, false))
  }
}

/** What a batch asks for. */
export const itemsOf = ({ body }: Request): { id: string; etag?: string }[] => JSON.parse(body ?? '').apps

export function json(status: number, content: unknown, headers: HttpResponse['headers'] = {}): HttpResponse {
  return { status, headers, body: typeof content === 'string' ? content : JSON.stringify(content) }
}
