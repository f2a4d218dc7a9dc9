import { expect } from 'vitest'
import { expectNoSecret } from '../support/canary.ts'
import type { WireResponse } from '../support/http.ts'

/** An expected response: `exact` is the whole body, `members` a part of it; a header is a text, a pattern, or absent (null). */
export type Expected = {
  readonly status: number
  readonly exact?: object | ''
  readonly members?: object
  readonly detail?: RegExp
  readonly headers?: Readonly<Record<string, string | RegExp | null>>
}

/** Fails unless the response matches the contract. The body of an error must not have a secret. */
export function expectResponse(
  answer: WireResponse,
  { status, exact, members, detail, headers }: Expected,
): void {
  const body = answer.body === '' ? '' : JSON.parse(answer.body)
  expect({ status: answer.status, body }).toMatchObject({ status })
  if (exact !== undefined) expect(body).toEqual(exact)
  if (members !== undefined) expect(body).toMatchObject(members)
  if (detail !== undefined) expect(body.detail).toMatch(detail)
  for (const [name, expected] of Object.entries(headers ?? {})) {
    const value = answer.headers[name]
    if (expected === null) expect(value, name).toBeUndefined()
    else if (typeof expected === 'string') expect(value, name).toBe(expected)
    else expect(value, name).toMatch(expected)
  }
  if (status >= 400) expectNoSecret(answer.body)
}

/** The response to a GET with an app: its body, and the headers for a client's cache. */
export const found = (app: object): Expected => ({
  status: 200,
  exact: { app },
  headers: {
    'content-type': 'application/json',
    etag: /^"[\w-]{27}"$/,
    'cache-control': 'private, max-age=10',
    age: /^\d+$/,
    'server-timing': /^cache;desc=(hit|miss, dynamodb;dur=\d+\.\d)$/,
  },
})

/** The response to a POST, which must not be cached. */
export const posted = (exact: object): Expected => ({
  status: 200,
  exact,
  headers: {
    'content-type': 'application/json',
    'cache-control': 'no-store',
    etag: null,
    // In a batch each result has its own.
    age: 'results' in exact ? null : /^\d+$/,
  },
})

/** A problem document with this code. */
export const problem = (status: number, code: string, detail?: RegExp): Expected => ({
  status,
  members: { type: 'about:blank', title: expect.any(String), status, code, requestId: expect.any(String) },
  ...(detail && { detail }),
  headers: {
    'content-type': 'application/problem+json',
    'cache-control': 'no-store',
    etag: null,
    'retry-after': status !== 503 ? null : code === 'feed-unavailable' ? '60' : '1',
  },
})

export const notFound: Expected = {
  ...problem(404, 'app-not-found'),
  members: { code: 'app-not-found', app: null },
  headers: { ...problem(404, 'app-not-found').headers, age: /^\d+$/ },
}

/** A response of the gateway itself. */
export const own = (status: number, message: string | null): Expected => ({ status, members: { message } })
