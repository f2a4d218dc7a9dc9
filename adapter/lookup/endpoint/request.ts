/** Whether an app is looked up by id or by key. */
export type By = 'id' | 'key'

/** The kind of a request: one app, a batch of known apps, the change feed, or a health check. */
export type RequestKind = 'lookup' | 'batch' | 'poll' | 'probe'

/** A request to the endpoint, without the headers of every request. */
export type Request = {
  readonly kind: RequestKind
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
}

/** An id that no app has: looked up at the start and by probes. */
export const NO_APP_ID = '~soketi-http-app-manager~probe~'

const MAX_NAME_BYTES = 2048
const plainName = /^[A-Za-z0-9._~-]{1,255}$/

/** Whether this can be an id or key: 1 to 2,048 bytes of well-formed UTF-8. */
export function isSendable(name: unknown): name is string {
  if (typeof name !== 'string' || name === '' || name.length > MAX_NAME_BYTES) return false
  if (plainName.test(name)) return true
  const bytes = Buffer.from(name, 'utf8')
  // A lone surrogate becomes U+FFFD; String.prototype.isWellFormed came with Node 20.
  return bytes.length <= MAX_NAME_BYTES && bytes.toString('utf8') === name
}

/**
 * The request for one app: GET for a plain name, conditional with an ETag; POST for other names, which a URL or the logs
 * of proxies should not contain.
 */
export function requestFor(by: By, name: string, etag?: string): Request {
  // "." and ".." would be resolved as path segments: https://www.rfc-editor.org/rfc/rfc3986#section-5.2.4
  if (!plainName.test(name) || name === '.' || name === '..') return post('lookup', { [by]: name })
  return {
    kind: 'lookup',
    method: 'GET',
    path: by === 'id' ? `/apps/${name}` : `/apps/by-key/${name}`,
    headers: etag === undefined ? {} : { 'if-none-match': etag },
  }
}

/** The request that checks a region's health. */
export const probeRequest: Request = { ...requestFor('id', NO_APP_ID), kind: 'probe' }

/** The most apps that the endpoint reads in one request. */
export const MAX_BATCH = 100

/** One app of a batch; with an ETag, the result can be "not modified". */
export type BatchItem =
  | { readonly id: string; readonly etag?: string | undefined }
  | { readonly key: string; readonly etag?: undefined }

/** Whether a batch of 100 such names is below 64 KiB. */
export const isPlain = (name: string): boolean => plainName.test(name)

/** The request for many apps, at most 100 and at most 64 KiB. */
export const batchRequestFor = (items: readonly BatchItem[], consistent: boolean): Request =>
  post('batch', consistent ? { consistent, apps: items } : { apps: items })

/** The request for what has changed since a cursor; without one, for the cursor to start from. */
export function pollRequestFor(cursor: string | undefined): Request {
  const path = cursor === undefined ? '/changes' : `/changes?since=${encodeURIComponent(cursor)}`
  return { kind: 'poll', method: 'GET', path, headers: {} }
}

const post = (kind: RequestKind, content: unknown): Request => ({
  kind,
  method: 'POST',
  path: '/apps/lookup',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(content),
})
