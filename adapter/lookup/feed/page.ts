import { createHash } from 'node:crypto'
import { isObject } from '../app.ts'
import type { HttpResponse } from '../endpoint/endpoint.ts'
import { isSendable } from '../endpoint/request.ts'
import {
  type Failure,
  failed,
  isCount,
  parseBody,
  type Reader,
  type ReadResponse,
  readAgeMs,
  readError,
} from '../endpoint/response.ts'

/** An app may have changed. Without the hashes of its keys, it can have any key. */
export type Hint = { readonly id: string; readonly keys?: readonly string[] }

/** The first 8 bytes of a key's SHA-256 in base64url, as hints carry it. */
export const hashOfKey = (key: string): string =>
  createHash('sha256').update(key).digest().subarray(0, 8).toString('base64url')

/** The response to a poll of the change feed. */
export type Page = {
  readonly hints: readonly Hint[]
  /** The cursor of the next poll. */
  readonly cursor: string
  /** Whether there are more hints. */
  readonly more: boolean
  /** The age of the newest heartbeat in the feed. */
  readonly heartbeatAgeMs: number
  /** The age of this response. */
  readonly ageMs: number
}

/** Reads the response to a poll of the change feed. */
export const readPage: Reader<Page> = (response) => {
  // A page that is too large stays too large.
  if ('fault' in response)
    return response.fault === 'too-large' ? expired('too-large') : failed(response.fault)
  if (response.status === 200) return readChanges(response)
  if (response.status === 400 || response.status === 410) return expired(`status ${response.status}`)
  const code = parseBody(response)?.code
  if (code === 'feed-unavailable' || code === 'scope-too-narrow') return { outcome: 'no-feed', reason: code }
  if (response.status === 404) return { outcome: 'no-feed', reason: 'status 404' }
  return readError(response)
}

/** 8 bytes in base64url. */
const HASH_LENGTH = 11

const expired = (reason: string): Failure => ({ outcome: 'expired', reason })

function readChanges(response: HttpResponse): ReadResponse<Page> {
  const { changes, cursor, more, heartbeatAge, age } = parseBody(response) ?? {}
  if (!Array.isArray(changes) || typeof cursor !== 'string' || cursor === '' || typeof more !== 'boolean')
    return failed('no page of changes')
  // With an age below 0, the node would follow for too long.
  if (!isCount(heartbeatAge) || !isCount(age)) return failed('a page of changes without its ages')
  // A cache on the way adds its own age: https://www.rfc-editor.org/rfc/rfc9111#section-5.1
  const ageMs = age * 1000 + (readAgeMs(response.headers.age) ?? 0)
  const hints = changes.flatMap(readHint)
  if (hints.length < changes.length) return failed('a change without a valid id')
  const page: Page = { hints, cursor, more, heartbeatAgeMs: heartbeatAge * 1000, ageMs }
  return { outcome: 'found', value: page, ageMs }
}

function readHint(change: unknown): [Hint] | [] {
  const { id, keys } = isObject(change) ? change : {}
  if (!isSendable(id)) return []
  // Hints are kept for a while, so neither ids nor hashes can be of any length.
  const isTold = Array.isArray(keys) && keys.length > 0 && keys.every(isHash)
  return [isTold ? { id, keys } : { id }]
}

const isHash = (key: unknown) => typeof key === 'string' && key.length === HASH_LENGTH
