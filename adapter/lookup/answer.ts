import { type App, parseApp } from './app.ts'
import type { Fault, Reply } from './endpoint.ts'
import type { BatchItem, Kind } from './question.ts'

/** What an answer of the endpoint means. An id or key that is never sent needs no row. */
export type Rule = {
  /** Whether to ask again: not at all, in the next region only, or there and later here as well. */
  readonly again: 'no' | 'next region' | 'yes'
  /** What it says about the region. A failure makes it suspect; only the region's own probe decides. */
  readonly region: 'success' | 'neutral' | 'denied' | 'failure'
  /** For how long it is remembered: the TTL of apps or of misses, or ms. */
  readonly remembered: 'app TTL' | 'miss TTL' | number
  readonly told: 'the app' | 'no such app' | 'could not know'
  /** Whether the last good answer may be served instead. */
  readonly stale: boolean
}

/** Every outcome of an exchange and its rule. */
export const RULES = {
  /** 200 with a valid app, the one asked for; or 304 to a conditional request. */
  found: { again: 'no', region: 'success', remembered: 'app TTL', told: 'the app', stale: false },
  /** 404 `app-not-found` with `"app": null`: nothing else says so. A known app is dropped later than that. */
  'not-found': { again: 'no', region: 'success', remembered: 'miss TTL', told: 'no such app', stale: false },
  /** 400, 413, 415: a defect of ours. */
  refused: { again: 'no', region: 'neutral', remembered: 'miss TTL', told: 'could not know', stale: false },
  /** `app-malformed`, `app-key-not-unique`. */
  broken: { again: 'no', region: 'neutral', remembered: 10_000, told: 'could not know', stale: true },
  /** 401, 403. */
  denied: { again: 'next region', region: 'denied', remembered: 5_000, told: 'could not know', stale: true },
  /** 429, other 5xx, the gateway's 404, a bad body, another app, the network; anything unheard of. */
  failed: { again: 'yes', region: 'failure', remembered: 1_000, told: 'could not know', stale: true },
} as const satisfies Record<string, Rule>

/** Could not know, and why: a status, a code or a field's name, never a value. */
export type Failure = {
  readonly outcome: 'refused' | 'broken' | 'denied' | 'failed'
  readonly reason: string
  readonly retryAfterMs?: number
}
/** What came of a question. `ageMs`: how long before the answer DynamoDB was read. */
export type Answer<T> =
  | { readonly outcome: 'found'; readonly value: T; readonly ageMs: number }
  | { readonly outcome: 'not-found'; readonly ageMs: number }
  | Failure

/** An app and its ETag, or `unchanged` for what has the ETag that was sent. */
export type Found = { readonly app: App; readonly etag?: string } | 'unchanged'

/** Turns what came back into an answer. */
export type Reader<T> = (reply: Reply | Fault) => Answer<T>

/** Reads the answer to a question for one app. */
export function readAnswerFor(kind: Kind, name: string, sentEtag?: string): Reader<Found> {
  return (reply) => {
    if ('fault' in reply) return failed(reply.fault)
    if (reply.status === 304 && sentEtag !== undefined)
      return { outcome: 'found', value: 'unchanged', ageMs: ageMs(reply, 'found') }
    if (reply.status !== 200) return readError(reply)
    const body = parseBody(reply)
    return body === undefined
      ? failed('no JSON object')
      : readApp(body.app, kind, name, reply.headers.etag, ageMs(reply, 'found'))
  }
}

/** Reads the answer to a batch: an answer for each item, in the items' order. */
export function readBatchAnswerFor(items: readonly BatchItem[]): Reader<readonly Answer<Found>[]> {
  return (reply) => {
    if ('fault' in reply) return failed(reply.fault)
    if (reply.status !== 200) return readError(reply)
    const results = parseBody(reply)?.results
    if (!Array.isArray(results) || results.length !== items.length) return failed('no result for each app')
    const value = items.map(({ id, etag }, i) => readBatchResult(results[i], id, etag))
    return { outcome: 'found', value, ageMs: 0 }
  }
}

function readBatchResult(result: unknown, id: string, sentEtag: string | undefined): Answer<Found> {
  if (!isObject(result)) return failed('no result')
  const { status, code, app, etag, age } = result
  const aged = (outcome: keyof typeof UNSAID_AGE_MS) =>
    typeof age === 'number' && age >= 0 ? age * 1000 : UNSAID_AGE_MS[outcome]
  if (status === 200) return readApp(app, 'id', id, etag, aged('found'))
  if (status === 304 && sentEtag !== undefined)
    return { outcome: 'found', value: 'unchanged', ageMs: aged('found') }
  if (status === 404 && code === 'app-not-found') return { outcome: 'not-found', ageMs: aged('not-found') }
  if (isBrokenCode(code)) return { outcome: 'broken', reason: code }
  return failed(`result with status ${typeof status === 'number' ? status : 'unknown'}`)
}

function readApp(value: unknown, kind: Kind, name: string, etag: unknown, ageMs: number): Answer<Found> {
  const app = parseApp(value)
  if ('wrongField' in app) {
    const hint = app.wrongField === 'secret' ? ' (a token of scope "public" gets none)' : ''
    return failed(`app without a usable ${app.wrongField}${hint}`)
  }
  if (app[kind] !== name) return failed('another app than the one asked for')
  return { outcome: 'found', value: isStrongEtag(etag) ? { app, etag } : { app }, ageMs }
}

function readError(reply: Reply): Answer<never> {
  const { status } = reply
  const body = parseBody(reply)
  const code = body?.code
  if (status === 404 && code === 'app-not-found' && body?.app === null)
    return { outcome: 'not-found', ageMs: ageMs(reply, 'not-found') }
  if (status === 400 || status === 413 || status === 415)
    return { outcome: 'refused', reason: `status ${status}` }
  if (status === 401 || status === 403) return { outcome: 'denied', reason: `status ${status}` }
  if (status === 500 && isBrokenCode(code)) return { outcome: 'broken', reason: code }
  const known = typeof code === 'string' && /^[a-z-]{1,40}$/.test(code) ? ` ${code}` : ''
  return failed(`status ${status}${known}`, retryAfterMs(reply.headers['retry-after']))
}

const MAX_RETRY_AFTER_MS = 30_000

/** Seconds or a date: https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3. Bounded, so that no slip shuts a node up. */
function retryAfterMs(header: string | undefined): number | undefined {
  if (header === undefined) return undefined
  const ms = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - Date.now()
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(ms, 0), MAX_RETRY_AFTER_MS)
}

/**
 * The age of an answer that does not say it is that of the endpoint's own cache at most, by its defaults: too old
 * is safe, because an older reading never replaces a newer one.
 */
const UNSAID_AGE_MS = { found: 10_000, 'not-found': 2_000 }

function ageMs(reply: Reply, outcome: keyof typeof UNSAID_AGE_MS): number {
  const age = reply.headers.age
  return age !== undefined && /^\d{1,9}$/.test(age) ? Number(age) * 1000 : UNSAID_AGE_MS[outcome]
}

function parseBody(reply: Reply): Record<string, unknown> | undefined {
  try {
    const body: unknown = JSON.parse(reply.body)
    return isObject(body) ? body : undefined
  } catch {
    return undefined
  }
}

const failed = (reason: string, retryAfterMs?: number): Failure =>
  retryAfterMs === undefined ? { outcome: 'failed', reason } : { outcome: 'failed', reason, retryAfterMs }

/** Also keeps what can't be a header out of the next request: https://www.rfc-editor.org/rfc/rfc9110#section-8.8.3 */
const isStrongEtag = (etag: unknown): etag is string =>
  typeof etag === 'string' && /^"[\x21\x23-\x7e]{0,200}"$/.test(etag)

const isBrokenCode = (code: unknown): code is string =>
  code === 'app-malformed' || code === 'app-key-not-unique'

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
