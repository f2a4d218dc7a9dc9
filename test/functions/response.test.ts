import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Caller } from '../../functions/access/caller.ts'
import { readConfig } from '../../functions/config.ts'
import { respondToGet, respondToPost, resultOf } from '../../functions/http/response.ts'
import { DEMO, PUBLIC_ROTATED, ROTATED } from '../contract/row.ts'

const config = readConfig({})
const caller: Caller = { consumer: 'backend', scope: 'full', requestId: 'r', ifNoneMatch: undefined }
const ageOf = (ageMs: number, readMs?: number) => {
  const found = { value: DEMO, readAt: Date.now() - ageMs, ...(readMs !== undefined && { readMs }) }
  const { headers } = respondToGet(found, caller, config)
  return [headers?.age, resultOf(found, 'full')]
}

beforeEach(() => vi.useFakeTimers({ toFake: ['Date'] }))
afterEach(() => vi.useRealTimers())

describe('a response', () => {
  it('from the cache has an age that is never too low', () => {
    for (const [ageMs, age] of [
      [0, 0],
      [1, 1],
      [1000, 1],
      [1001, 2],
      [9999, 10],
    ] as const)
      expect(ageOf(ageMs)).toEqual([String(age), expect.objectContaining({ age })])
  })

  it('from a read for this request has the age 0', () => {
    expect(ageOf(640, 640)).toEqual(['0', expect.objectContaining({ age: 0 })])
  })

  it('has no negative age when the clock was set back during the read', () => {
    expect(ageOf(-5000)).toEqual(['0', expect.objectContaining({ age: 0 })])
  })

  it('has the same ETag for the same app, and another one for another app or scope', () => {
    const tagOf = (app: object, scope: 'full' | 'public' = 'full') =>
      respondToGet({ value: { ...DEMO, ...app }, readAt: 0 }, { ...caller, scope }, config).headers?.etag
    expect(tagOf({})).toBe(tagOf({}))
    expect(new Set([tagOf({}), tagOf({ enabled: false }), tagOf({}, 'public')]).size).toBe(3)
  })
})

describe('a previous secret', () => {
  const end = 1_000 * (ROTATED.previousSecretUntil ?? 0)
  const { previousSecret: _, previousSecretUntil: __, ...AFTER } = ROTATED
  // One object for all responses of a test, as in the cache of a function.
  let found = { value: ROTATED, readAt: 0 }
  beforeEach(() => {
    found = { value: { ...ROTATED }, readAt: end - 60_000 }
  })
  const getAt = (time: number, scope: 'full' | 'public' = 'full', ifNoneMatch?: string) => {
    vi.setSystemTime(time)
    const { statusCode, headers, body } = respondToGet(found, { ...caller, scope, ifNoneMatch }, config)
    const { etag = '', 'cache-control': cacheControl } = headers as Record<string, string>
    return { statusCode, etag, cacheControl, body: body && JSON.parse(body).app }
  }

  it('is in each response until it ends, and in none from then on', () => {
    for (const [time, app] of [
      [end - 60_000, ROTATED],
      [end - 1, ROTATED],
      [end, AFTER],
      [end + 60_000, AFTER],
      [end - 1, AFTER], // the clock was set back
    ] as const) {
      expect(getAt(time).body).toEqual(app)
      expect(JSON.parse(respondToPost(found, caller).body ?? '')).toEqual({ app })
      expect(JSON.parse(respondToPost({ ...found, consistent: true }, caller).body ?? '')).toMatchObject({
        app,
      })
      expect(resultOf(found, 'full')).toMatchObject({ app, etag: getAt(time).etag })
    }
  })

  it('ends with a new ETag, which a conditional request gets', () => {
    const { etag } = getAt(end - 60_000)
    expect(getAt(end - 1, 'full', etag).statusCode).toBe(304)
    expect(resultOf(found, 'full', etag)).toMatchObject({ status: 304 })
    expect(getAt(end, 'full', etag)).toMatchObject({ statusCode: 200, body: AFTER })
    expect(resultOf(found, 'full', etag)).toMatchObject({ status: 200, app: AFTER })
  })

  it('limits how long a response may be cached', () => {
    const maxAges = [60_000, 9_999, 1_000, 999, 1, 0, -1].map((ms) => getAt(end - ms).cacheControl)
    expect(maxAges).toEqual([10, 9, 1, 0, 0, 10, 10].map((seconds) => `private, max-age=${seconds}`))
  })

  it('changes nothing for a consumer of scope public', () => {
    const before = getAt(end - 1, 'public')
    expect(before).toMatchObject({ body: PUBLIC_ROTATED, cacheControl: 'private, max-age=10' })
    expect(getAt(end, 'public')).toEqual(before)
  })
})
