import type { Endpoint, Fault, HttpResponse } from '../../../adapter/lookup/endpoint/endpoint.ts'
import type { Request } from '../../../adapter/lookup/endpoint/request.ts'
import type { ProxyResponse } from '../../../functions/http/response.ts'
import type { Random } from '../../support/random.ts'
import type { VirtualTime } from '../../support/virtual-time.ts'
import type { MemoryStack } from './memory-stack.ts'
import { PageCache } from './page-cache.ts'
import type { Exchange, RequestHistory } from './request-history.ts'

/** The conditions of one route of a region. */
export type Conditions = {
  /** The probability that a request gets a 503. */
  failing: number
  /** The probability that there is no response. */
  lost: number
  /** The longest time to the endpoint and back, each in ms. */
  latencyMs: number
  /** The rate limit in requests per second, which is the burst too. */
  perSecond: number
}

/** What happens to one request, if a test sets it. */
export type Trip = {
  readonly toMs?: number
  readonly backMs?: number
  readonly fault?: string
  /** Responds instead of the stack, or changes its response. */
  readonly answer?: (real: () => Promise<ProxyResponse>) => Promise<ProxyResponse | HttpResponse | Fault>
}

/** Ends an exchange. */
type Close = () => void

const CLOSED: Fault = { fault: 'closed' }

const FAIR: Conditions = { failing: 0, lost: 0, latencyMs: 40, perSecond: Number.POSITIVE_INFINITY }

/** The network and the gateway of one region, with a throttle for each route. */
export class FaultyGateway {
  readonly stack: MemoryStack
  readonly lookups: Conditions = { ...FAIR }
  readonly polls: Conditions = { ...FAIR }
  /** Connections are refused. */
  isDown = false
  /** What happens to a request instead, if set. */
  except: (request: Request) => Trip | undefined = () => undefined
  readonly #time: VirtualTime
  readonly #random: Random
  #cache: PageCache | undefined
  readonly #buckets = new Map<Conditions, { left: number; filledAt: number }>()

  constructor(time: VirtualTime, random: Random, stack: MemoryStack) {
    this.#time = time
    this.#random = random.fork('network')
    this.stack = stack
  }

  /**
   * Has a cache repeat pages, with or without the header `Age`. Returns what ends that, which is at `until`: without an age,
   * what is told in the meantime is heard then.
   */
  repeatPages({ hasAge, until }: { readonly hasAge: boolean; readonly until: number }): () => void {
    const cache = new PageCache(this.#time, hasAge)
    this.#cache = cache
    if (!hasAge) this.stack.hideChanges(until)
    return () => {
      if (this.#cache === cache) this.#cache = undefined
    }
  }

  /** This region for one node, whose requests are recorded. */
  createEndpoint(history: RequestHistory): Endpoint {
    const { region } = this.stack
    const open = new Set<Close>()
    let isClosed = false
    return {
      origin: `https://${region}.example`,
      exchange: async (request, _token, deadlineMs) => {
        if (isClosed) return CLOSED
        const exchange: Exchange = { kind: request.kind, region, sentAt: this.#time.now, status: 0 }
        history.sent(exchange)
        const response = await this.#exchangeBefore(deadlineMs, request, open)
        if ('status' in response) exchange.status = response.status
        history.ended(exchange, this.#time.now)
        return response
      },
      close: () => {
        isClosed = true
        for (const close of open) close()
      },
    }
  }

  #exchangeBefore(deadlineMs: number, request: Request, open: Set<Close>): Promise<HttpResponse | Fault> {
    return new Promise((resolve, reject) => {
      const close = () => resolve(CLOSED)
      open.add(close)
      const late = this.#time.after(deadlineMs, () => resolve({ fault: 'deadline' }))
      this.#exchange(request)
        .finally(() => {
          open.delete(close)
          late.cancel()
        })
        .then(resolve, reject)
    })
  }

  async #exchange(request: Request): Promise<HttpResponse | Fault> {
    const conditions = request.kind === 'poll' ? this.polls : this.lookups
    const trip = this.except(request) ?? {}
    const latencyMs = () => this.#random.between(1, conditions.latencyMs)
    const [toMs, backMs] = [trip.toMs ?? latencyMs(), trip.backMs ?? latencyMs()]
    const fault = trip.fault ?? (this.isDown ? 'ECONNREFUSED' : undefined)
    await this.#time.sleep(toMs)
    if (fault !== undefined) return { fault }
    if (this.#random.chance(conditions.lost)) return new Promise(() => {})
    const pass = () => this.#pass(conditions, request)
    const cache = request.kind === 'poll' ? this.#cache : undefined
    const real = cache ? () => cache.answer(request.path, pass) : pass
    const answer = await (trip.answer ?? ((real) => real()))(real)
    await this.#time.sleep(backMs)
    return 'fault' in answer || 'status' in answer ? answer : responseOf(answer)
  }

  #pass(conditions: Conditions, request: Request): Promise<ProxyResponse> {
    if (!this.#isLetIn(conditions)) return Promise.resolve({ statusCode: 429, body: TOO_MANY })
    if (this.#random.chance(conditions.failing)) return Promise.resolve({ statusCode: 503, body: '' })
    return this.stack.answer(request)
  }

  #isLetIn(conditions: Conditions): boolean {
    const { perSecond } = conditions
    if (perSecond === Number.POSITIVE_INFINITY) return true
    const { now } = this.#time
    const bucket = this.#buckets.get(conditions) ?? { left: perSecond, filledAt: now }
    bucket.left = Math.min(perSecond, bucket.left + ((now - bucket.filledAt) / 1000) * perSecond)
    bucket.filledAt = now
    this.#buckets.set(conditions, bucket)
    if (bucket.left < 1) return false
    bucket.left -= 1
    return true
  }
}

const TOO_MANY = JSON.stringify({ message: 'Too Many Requests' })

function responseOf({ statusCode = 500, headers = {}, body = '' }: ProxyResponse): HttpResponse {
  const date = new Date(Date.now()).toUTCString()
  return { status: statusCode, headers: { date, ...headersOf(headers) }, body }
}

const headersOf = (headers: NonNullable<ProxyResponse['headers']>) =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]))
