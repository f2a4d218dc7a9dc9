import type { Endpoint, Fault, HttpResponse } from '../../../adapter/lookup/endpoint/endpoint.ts'
import type { Request } from '../../../adapter/lookup/endpoint/request.ts'
import { hashKey } from '../../../functions/feed/stream-records.ts'
import type { Random } from '../../support/random.ts'
import type { VirtualTime } from '../../support/virtual-time.ts'
import { type Found, FunctionCaches } from './function-caches.ts'
import { HintLog } from './hint-log.ts'
import { HintStream } from './hint-stream.ts'
import { type VersionedApp, VersionedTable } from './versioned-table.ts'

/** The faults of a region's endpoint. */
export type RegionFaults = {
  /** `refused` and `hanging`: no response. A number: this share of requests gets 500. */
  endpoint: 'refused' | 'hanging' | number
  /** The response to requests of a kind instead of the right one, if any. */
  readonly answers: Partial<Record<Request['kind'], (request: Request) => HttpResponse | Fault | undefined>>
  /** The share of a batch's results that are 503. */
  partialBatches: number
  /** An older endpoint, which ignores `consistent` in a request. */
  ignoresConsistent: boolean
  /** There is no change feed. */
  withoutFeed: boolean
  /** How far the index of keys lags behind at most. */
  indexLagMs: number
  latencyMs: number
}

/** A request that arrived. */
export type Arrival = { readonly at: number; readonly request: Request }

/** One region of the endpoint: its table, its stream, its change log and its functions with their caches. */
export class RegionDouble {
  readonly faults: RegionFaults = {
    endpoint: 0,
    answers: {},
    partialBatches: 0,
    ignoresConsistent: false,
    withoutFeed: false,
    indexLagMs: 0,
    latencyMs: 20,
  }
  readonly arrivals: Arrival[] = []
  /** How long a request takes. */
  latencyOf = (_request: Request): number => this.faults.latencyMs * this.#random.between(0.5, 2)
  readonly table: VersionedTable
  readonly log: HintLog
  readonly stream: HintStream
  readonly #caches: FunctionCaches
  readonly #time: VirtualTime
  readonly #random: Random
  readonly #url: string

  constructor(url: string, time: VirtualTime, random: Random) {
    this.#url = url
    this.#time = time
    this.#random = random
    this.table = new VersionedTable(time.clock)
    this.log = new HintLog(time.clock)
    this.stream = new HintStream(time, random, this.log)
    this.#caches = new FunctionCaches(time.clock, random)
  }

  /** Writes an item, or deletes it. */
  write(id: string, app: VersionedApp | undefined): void {
    const keys = [this.table.byId(id)?.key, app?.key].filter((key) => key !== undefined)
    this.table.put(id, app)
    this.stream.record({ id, keys: [...new Set(keys)].map(hashKey) })
  }

  /** Writes a heartbeat every minute, from now on. */
  beat(): void {
    const heartbeatAt = this.#time.now
    this.stream.record({ heartbeatAt })
    this.#time.inBackground(60_000, () => this.beat())
  }

  /** The number of requests of a kind. */
  count(kind: Request['kind'], since = 0): number {
    return this.arrivals.filter(({ at, request }) => request.kind === kind && at >= since).length
  }

  /** The transport for the adapter. */
  endpoint(): Endpoint {
    let closed = false
    return {
      origin: this.#url,
      exchange: (request, _token, deadlineMs) =>
        closed ? Promise.resolve({ fault: 'closed' }) : this.#exchange(request, deadlineMs),
      close: () => {
        closed = true
      },
    }
  }

  async #exchange(request: Request, deadlineMs: number): Promise<HttpResponse | Fault> {
    this.arrivals.push({ at: this.#time.now, request })
    const { endpoint, answers } = this.faults
    if (endpoint === 'refused') return { fault: 'ECONNREFUSED' }
    const takesMs = endpoint === 'hanging' ? deadlineMs : this.latencyOf(request)
    await this.#time.sleep(Math.min(takesMs, deadlineMs) / 2)
    const response =
      answers[request.kind]?.(request) ??
      (this.#random.chance(Number(endpoint)) ? json(500, { code: 'internal' }) : this.#answer(request))
    await this.#time.sleep(Math.min(takesMs, deadlineMs) / 2)
    return takesMs >= deadlineMs ? { fault: 'deadline' } : response
  }

  #answer({ kind, path, headers, body }: Request): HttpResponse {
    if (kind === 'poll') return this.#poll(path)
    if (kind === 'batch') return this.#batch(JSON.parse(body ?? ''))
    const [, byKey, name = ''] = /^\/apps\/(by-key\/)?(.*)$/.exec(path) ?? []
    const found = byKey ? this.#findByKey(name) : this.#findById(name, false)
    if (found === 'not-unique') return json(500, { code: 'app-key-not-unique' })
    const age = String(found.age)
    if (found.app === undefined) return json(404, { code: 'app-not-found', app: null }, { age })
    const etag = etagOf(found.app)
    if (headers['if-none-match'] === etag) return json(304, '', { etag, age })
    return json(200, { app: found.app }, { etag, age })
  }

  #poll(path: string): HttpResponse {
    if (this.faults.withoutFeed) return json(404, { message: 'Not Found' })
    const answer = this.log.poll(new URL(path, this.#url).searchParams.get('since'))
    return answer.status === 200 ? json(200, answer.body) : json(answer.status, { code: answer.code })
  }

  #batch(asked: { consistent?: boolean; apps: { id: string; etag?: string }[] }): HttpResponse {
    const consistent = asked.consistent === true && !this.faults.ignoresConsistent
    const results = asked.apps.map(({ id, etag }) => {
      if (this.#random.chance(this.faults.partialBatches)) return { status: 503, code: 'store-throttled' }
      const { app, age } = this.#findById(id, consistent)
      const facts = { age, ...(consistent && { consistent }) }
      if (app === undefined) return { status: 404, code: 'app-not-found', ...facts }
      return etag === etagOf(app)
        ? { status: 304, ...facts }
        : { status: 200, app, etag: etagOf(app), ...facts }
    })
    return json(200, { results })
  }

  #findById(id: string, consistent: boolean): Found {
    return this.#caches.find('id', id, consistent, () => this.table.byId(id))
  }

  #findByKey(key: string): Found | 'not-unique' {
    const apps = this.table.byKey(key, this.#random.between(0, this.faults.indexLagMs))
    return apps.length > 1 ? 'not-unique' : this.#caches.find('key', key, false, () => apps[0])
  }
}

const etagOf = (app: VersionedApp) => `"${app.maxConnections}"`

/** What a batch asks for. */
export const itemsOf = ({ body }: Request): { id: string; etag?: string }[] => JSON.parse(body ?? '').apps

export function json(status: number, content: unknown, headers: HttpResponse['headers'] = {}): HttpResponse {
  return { status, headers, body: typeof content === 'string' ? content : JSON.stringify(content) }
}
