import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Caller } from '../../functions/access/caller.ts'
import { readConfig } from '../../functions/config.ts'
import { answerGet, resultOf } from '../../functions/http/response.ts'
import { DEMO } from '../contract/row.ts'

const config = readConfig({})
const caller: Caller = { consumer: 'backend', scope: 'full', requestId: 'r', ifNoneMatch: undefined }
const ageOf = (ageMs: number, readMs?: number) => {
  const found = { value: DEMO, readAt: Date.now() - ageMs, ...(readMs !== undefined && { readMs }) }
  const { headers } = answerGet(found, caller, config)
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
      answerGet({ value: { ...DEMO, ...app }, readAt: 0 }, { ...caller, scope }, config).headers?.etag
    expect(tagOf({})).toBe(tagOf({}))
    expect(new Set([tagOf({}), tagOf({ enabled: false }), tagOf({}, 'public')]).size).toBe(3)
  })
})
