import { type App, isObject, parseApp } from '../app.ts'
import type { Fault, HttpResponse } from './endpoint.ts'
import type { BatchItem, By } from './request.ts'

/** The outcome of an exchange. */
export type Outcome =
  /** 200 with a valid app, the one asked for; or 304 to a conditional request. */
  | 'found'
  /** 404 `app-not-found` with `"app": null`, and nothing else. A known app is dropped only once this is confirmed. */
  | 'not-found'
  /** 400, 413, 415: a defect of this package. */
  | 'refused'
  /** `app-malformed`, `app-key-not-unique`. */
  | 'broken'
  /** 401, 403. */
  | 'denied'
  /** 429, other 5xx, the gateway's 404, an invalid body, another app, network errors, anything unknown. */
  | 'failed'
  /** Polls only: the gateway's 404, `feed-unavailable`, `scope-too-narrow`. */
  | 'no-feed'
  /** Polls only: 400, 410, a page that is too large. Only another cursor helps. */
  | 'expired'

/** What follows from the outcome of an exchange. */
export type Rule = {
  /**
   * What it says of the region, if anything. If false, the region is probed (only a probe opens the circuit breaker), and the
   * request is sent again: to the next region and, unless it was denied, later to this one.
   */
  readonly isHealthy?: boolean
  /** Whether the app may be served from the cache instead (stale-if-error). */
  readonly stale?: true
  /** How long a failed lookup is cached; by default, for the negative-cache TTL. */
  readonly cachedMs?: number
}

export const RULES: Readonly<Record<Outcome, Rule>> = {
  found: { isHealthy: true },
  'not-found': { isHealthy: true },
  refused: {},
  broken: { stale: true, cachedMs: 10_000 },
  denied: { isHealthy: false, stale: true, cachedMs: 5_000 },
  failed: { isHealthy: false, stale: true, cachedMs: 1_000 },
  'no-feed': {},
  expired: { isHealthy: true },
}

/** A failed lookup. The reason is a status, a code or the name of a field, never a value. */
export type Failure = {
  readonly outcome: Exclude<Outcome, 'found' | 'not-found'>
  readonly reason: string
  readonly retryAfterMs?: number | undefined
}

/** How DynamoDB was read: how long before the response, and whether consistently. */
export type ReadFields = { readonly ageMs: number; readonly consistent?: boolean }

/** What a response says, or why there is none that can be used. */
export type ReadResponse<T> =
  | ({ readonly outcome: 'found'; readonly value: T } & ReadFields)
  | ({ readonly outcome: 'not-found' } & ReadFields)
  | Failure

/**
 * An app, its ETag, and how long after the response its previous secret is accepted at most; or `unchanged` if it still has
 * the ETag that was sent.
 */
export type FoundApp =
  | { readonly app: App; readonly etag?: string | undefined; readonly graceMs?: number | undefined }
  | 'unchanged'

/** Reads a response. */
export type Reader<T> = (response: HttpResponse | Fault) => ReadResponse<T>

/** Reads the response to a request for one app. */
export const readResponseFor =
  (by: By, name: string, sentEtag?: string): Reader<FoundApp> =>
  (response) => {
    if ('fault' in response) return failed(response.fault)
    const { status, headers } = response
    if (status !== 200 && status !== 304) return readError(response)
    const { etag, age } = headers
    return readResult({ ...parseBody(response), status, etag, age }, response, by, name, sentEtag)
  }

/** Reads the response to a batch: what it says of each item, in the items' order. */
export const readBatchResponseFor =
  (items: readonly BatchItem[]): Reader<readonly ReadResponse<FoundApp>[]> =>
  (response) => {
    if ('fault' in response) return failed(response.fault)
    if (response.status === 404) return failed('status 404')
    if (response.status !== 200) return readError(response)
    const results = parseBody(response)?.results
    if (!Array.isArray(results) || results.length !== items.length) return failed('no result for each app')
    const value = items.map((item, i) =>
      'id' in item
        ? readResult(results[i], response, 'id', item.id, item.etag)
        : readResult(results[i], response, 'key', item.key),
    )
    return { outcome: 'found', value, ageMs: 0 }
  }

/** What is said of one app, by a response or in a batch. */
function readResult(
  result: unknown,
  { headers: { date } }: HttpResponse,
  by: By,
  name: string,
  sentEtag?: string,
): ReadResponse<FoundApp> {
  if (!isObject(result)) return failed('no result')
  const { status, code, app, etag, age, consistent } = result
  const read = (outcome: keyof typeof UNSAID_AGE_MS): ReadFields => ({
    ageMs: ageMs(age, outcome),
    consistent: consistent === true,
  })
  if (status === 200) return readApp(app, by, name, { date, etag }, read('found'))
  if (status === 304 && sentEtag !== undefined)
    return { outcome: 'found', value: 'unchanged', ...read('found') }
  if (status === 404 && code === 'app-not-found') return { outcome: 'not-found', ...read('not-found') }
  if (isBrokenCode(code)) return { outcome: 'broken', reason: code }
  return failed(`status ${typeof status === 'number' ? status : 'unknown'}`)
}

function readApp(
  value: unknown,
  by: By,
  name: string,
  { date, etag }: { readonly date?: string | undefined; readonly etag?: unknown },
  read: ReadFields,
): ReadResponse<FoundApp> {
  const app = parseApp(value)
  if ('wrongField' in app) {
    const hint = app.wrongField === 'secret' ? ' (a token of scope "public" gets none)' : ''
    return failed(
      app.wrongField === 'app'
        ? 'a response without an app'
        : `app without a usable ${app.wrongField}${hint}`,
    )
  }
  if (app[by] !== name) return failed('another app than the one asked for')
  const { previousSecretUntil } = app
  const graceMs =
    previousSecretUntil === undefined ? undefined : previousSecretUntil * 1000 - Date.parse(date ?? '')
  return { outcome: 'found', value: { app, etag: isStrongEtag(etag) ? etag : undefined, graceMs }, ...read }
}

/** Reads a response that is neither 200 nor 304. */
export function readError(response: HttpResponse): ReadResponse<never> {
  const { status } = response
  const body = parseBody(response)
  const code = body?.code
  if (status === 404 && code === 'app-not-found' && body?.app === null)
    return { outcome: 'not-found', ageMs: ageMs(response.headers.age, 'not-found') }
  if (status === 400 || status === 413 || status === 415)
    return { outcome: 'refused', reason: `status ${status}` }
  if (status === 401 || status === 403) return { outcome: 'denied', reason: `status ${status}` }
  if (status === 500 && isBrokenCode(code)) return { outcome: 'broken', reason: code }
  const known = typeof code === 'string' && /^[a-z-]{1,40}$/.test(code) ? ` ${code}` : ''
  return failed(`status ${status}${known}`, retryAfterMs(response.headers['retry-after']))
}

const MAX_RETRY_AFTER_MS = 30_000

/** Seconds or a date: https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3. Capped, so that a bad header can't silence a node. */
function retryAfterMs(header: string | undefined): number | undefined {
  if (header === undefined) return undefined
  const ms = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - Date.now()
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(ms, 0), MAX_RETRY_AFTER_MS)
}

/**
 * The age of a response without an age: the longest that the endpoint caches by default. Too old is safe, because an
 * older reading never replaces a newer one.
 */
const UNSAID_AGE_MS = { found: 10_000, 'not-found': 2_000 }

/** @param age in seconds, as a header or in a body */
const ageMs = (age: unknown, outcome: keyof typeof UNSAID_AGE_MS): number =>
  readAgeMs(age) ?? UNSAID_AGE_MS[outcome]

/** An age in seconds, as a header or in a body; undefined if it is none. */
export function readAgeMs(age: unknown): number | undefined {
  const seconds = typeof age === 'string' && /^\d{1,9}$/.test(age) ? Number(age) : age
  return isCount(seconds) ? seconds * 1000 : undefined
}

/** The JSON object of a body, or undefined. */
export function parseBody(response: HttpResponse): Record<string, unknown> | undefined {
  try {
    const body: unknown = JSON.parse(response.body)
    return isObject(body) ? body : undefined
  } catch {
    return undefined
  }
}

export const failed = (reason: string, retryAfterMs?: number): Failure => ({
  outcome: 'failed',
  reason,
  retryAfterMs,
})

/** Anything else can't be sent as a header of the next request: https://www.rfc-editor.org/rfc/rfc9110#section-8.8.3 */
const isStrongEtag = (etag: unknown): etag is string =>
  typeof etag === 'string' && /^"[\x21\x23-\x7e]{0,200}"$/.test(etag)

const isBrokenCode = (code: unknown): code is string =>
  code === 'app-malformed' || code === 'app-key-not-unique'

/** Whether this is a number of 0 or more. */
export const isCount = (value: unknown): value is number =>
  typeof value === 'number' && Number.isFinite(value) && value >= 0
