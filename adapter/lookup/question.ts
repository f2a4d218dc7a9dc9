/** What an app is asked for by. */
export type Kind = 'id' | 'key'

/** One request to the endpoint, without what every request has. */
export type Request = {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
}

/** An id that no app has: asked for at the start and by probes. */
export const NO_APP_ID = '~soketi-http-app-manager~probe~'

const MAX_NAME_BYTES = 2048
const plainName = /^[A-Za-z0-9._~-]{1,255}$/

/** Whether this can be an app's id or key at all: 1 to 2,048 bytes of well-formed UTF-8. */
export function isSendable(name: unknown): name is string {
  if (typeof name !== 'string' || name === '' || name.length > MAX_NAME_BYTES) return false
  if (plainName.test(name)) return true
  const bytes = Buffer.from(name, 'utf8')
  // A lone surrogate becomes U+FFFD; String.prototype.isWellFormed came with Node 20.
  return bytes.length <= MAX_NAME_BYTES && bytes.toString('utf8') === name
}

/**
 * The request for one app: GET for the plain kind of name, conditional if an ETag is given; POST for every other,
 * because such a name does not belong into a URL or the logs of what is on the way.
 */
export function requestFor(kind: Kind, name: string, etag?: string): Request {
  // "." and ".." would be resolved as path segments on the way: https://www.rfc-editor.org/rfc/rfc3986#section-5.2.4
  if (!plainName.test(name) || name === '.' || name === '..') return post({ [kind]: name })
  return {
    method: 'GET',
    path: kind === 'id' ? `/apps/${name}` : `/apps/by-key/${name}`,
    headers: etag === undefined ? {} : { 'if-none-match': etag },
  }
}

/** One app of a batch; with the ETag of what is known of it, the answer may be "not modified". */
export type BatchItem = { readonly id: string; readonly etag?: string }

/** The request for many apps, at most 100 and at most 64 KiB. */
export function batchRequestFor(items: readonly BatchItem[]): Request {
  return post({ apps: items })
}

function post(content: unknown): Request {
  return {
    method: 'POST',
    path: '/apps/lookup',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(content),
  }
}
