import { hash } from 'node:crypto'
import { STATUS_CODES } from 'node:http'
import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda'
import type { Caller, Scope } from '../access/caller.ts'
import { type App, viewApp } from '../apps/app.ts'
import type { Found } from '../apps/cached-finder.ts'
import type { Config } from '../config.ts'
import type { Polled } from '../feed/poll.ts'
import type { ErrorCode, LookupError } from '../lookup-error.ts'

/** The response that API Gateway sends (payload 2.0). */
export type ProxyResponse = APIGatewayProxyStructuredResultV2

/** The HTTP status of each error. A failed lookup is never a 404. */
export const STATUS: Readonly<Record<ErrorCode, number>> = {
  'invalid-request': 400,
  'body-too-large': 413,
  'unsupported-media-type': 415,
  'app-malformed': 500,
  'app-key-not-unique': 500,
  'store-throttled': 503,
  'store-unavailable': 503,
  'store-misconfigured': 503,
  'scope-too-narrow': 403,
  'cursor-expired': 410,
  'feed-unavailable': 503,
  internal: 500,
}

const NO_STORE = 'no-store'

/** The response to a GET: the app with its ETag and age, 304 if the caller has it already, or 404. */
export function respondToGet(found: Found, caller: Caller, { appTtlMs }: Config): ProxyResponse {
  if (found.value === undefined) return respondWithNotFound(found, caller)
  const now = Date.now()
  const { body, etag, endsAt } = represent(found.value, caller.scope, now)
  const headers = {
    etag,
    'cache-control': `private, max-age=${Math.floor(Math.min(appTtlMs, endsAt - now) / 1000)}`,
    age: String(ageOf(found)),
    'server-timing':
      found.readMs === undefined
        ? 'cache;desc=hit'
        : `cache;desc=miss, dynamodb;dur=${found.readMs.toFixed(1)}`,
  }
  if (isMatch(caller.ifNoneMatch, etag)) return { statusCode: 304, headers }
  return { statusCode: 200, headers: { 'content-type': 'application/json', ...headers }, body }
}

/** The response to a POST for one app; it is not cacheable. */
export function respondToPost(found: Found, caller: Caller): ProxyResponse {
  if (found.value === undefined) return respondWithNotFound(found, caller)
  const now = Date.now()
  const body = found.consistent
    ? JSON.stringify({ app: viewApp(found.value, caller.scope, now), consistent: true })
    : represent(found.value, caller.scope, now).body
  return respondWithJson(body, { age: String(ageOf(found)) })
}

/** The result for one entry of a batch, with the fields of a GET's response; `age` is in seconds. */
export type Result =
  | ({ readonly status: 200; readonly app: Partial<App>; readonly etag: string } & ReadFields)
  | ({ readonly status: 304 } & ReadFields)
  | ({ readonly status: 404; readonly code: 'app-not-found' } & ReadFields)
  | { readonly status: number; readonly code: ErrorCode; readonly detail: string }

/** When the app was read, and how. */
type ReadFields = { readonly age: number; readonly consistent?: true }

/** The result for one app; `etag` is the one that the caller has. */
export function resultOf(found: Found, scope: Scope, etag?: string): Result {
  const fields: ReadFields = { age: ageOf(found), ...(found.consistent && { consistent: true }) }
  if (found.value === undefined) return { status: 404, code: 'app-not-found', ...fields }
  const now = Date.now()
  const tag = represent(found.value, scope, now).etag
  if (isMatch(etag, tag)) return { status: 304, ...fields }
  return { status: 200, app: viewApp(found.value, scope, now), etag: tag, ...fields }
}

/** The result for an entry that failed. */
export function failedResultOf({ code, message }: LookupError): Result {
  return { status: STATUS[code], code, detail: message }
}

/** The response to a batch: the results in the order of the request. */
export function respondToBatch(results: readonly Result[]): ProxyResponse {
  return respondWithJson(JSON.stringify({ results }))
}

/** The response to a poll of the change feed. It has ages, not times, so that clients need no synchronized clock. */
export function respondToPoll({ page: { heartbeatAt, ...page }, ...read }: Polled): ProxyResponse {
  const heartbeatAge = Math.max(0, Math.ceil((Date.now() - heartbeatAt) / 1000))
  return respondWithJson(JSON.stringify({ ...page, heartbeatAge, age: ageOf(read) }))
}

/** The response to a request that failed: a problem document (RFC 9457). */
export function respondWithError(error: LookupError, requestId: string): ProxyResponse {
  const status = STATUS[error.code]
  const members = { detail: error.message, code: error.code, requestId }
  return respondWithProblem(status, members, error.code === 'feed-unavailable' ? { 'retry-after': '60' } : {})
}

function respondWithNotFound(found: Found, { requestId }: Caller): ProxyResponse {
  const members = {
    detail: 'DynamoDB has no such app.',
    code: 'app-not-found',
    requestId,
    app: null,
    ...(found.consistent && { consistent: true }),
  }
  return respondWithProblem(404, members, { age: String(ageOf(found)) })
}

/** Seconds since DynamoDB was read. For a cached app they are rounded up, so that it never seems newer than it is. */
function ageOf({ readAt, readMs }: Pick<Found, 'readAt' | 'readMs'>): number {
  const seconds = Math.max(0, Date.now() - readAt) / 1000
  return readMs === undefined ? Math.ceil(seconds) : Math.floor(seconds)
}

function respondWithProblem(status: number, members: Record<string, unknown>, headers = {}): ProxyResponse {
  return {
    statusCode: status,
    headers: {
      'content-type': 'application/problem+json',
      'cache-control': NO_STORE,
      ...(status === 503 && { 'retry-after': '1' }),
      ...headers,
    },
    body: JSON.stringify({ type: 'about:blank', title: STATUS_CODES[status], status, ...members }),
  }
}

function respondWithJson(body: string, headers = {}): ProxyResponse {
  return {
    statusCode: 200,
    headers: { 'content-type': 'application/json', 'cache-control': NO_STORE, ...headers },
    body,
  }
}

type Representation = { readonly body: string; readonly etag: string; readonly endsAt: number }

// A cached app is serialized once for each scope, and again when its previous secret has ended.
const representations = {
  full: new WeakMap<App, Representation>(),
  public: new WeakMap<App, Representation>(),
}

function represent(app: App, scope: Scope, now: number): Representation {
  const known = representations[scope].get(app)
  if (known && now < known.endsAt) return known
  const view = viewApp(app, scope, now)
  const body = JSON.stringify({ app: view })
  // A digest of the body: the same app has the same strong ETag in every region and function.
  const representation = {
    body,
    etag: `"${hash('sha256', body, 'base64url').slice(0, 27)}"`,
    endsAt: 1000 * (view.previousSecretUntil ?? Infinity),
  }
  representations[scope].set(app, representation)
  return representation
}

/** If-None-Match of RFC 9110: a list of ETags, compared weakly, or `*`. The quotes are part of an ETag, so a substring match is exact. */
function isMatch(ifNoneMatch: string | undefined, etag: string): boolean {
  return ifNoneMatch !== undefined && (ifNoneMatch.includes(etag) || ifNoneMatch.trim() === '*')
}
