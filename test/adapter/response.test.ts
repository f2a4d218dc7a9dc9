import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  RULES,
  type Rule,
  readBatchResponseFor,
  readResponseFor,
} from '../../adapter/lookup/endpoint/response.ts'
import { appWith } from './endpoint-double.ts'

const read = readResponseFor('id', 'app-1')
const reply = (status: number, content: unknown = {}, headers = {}) => ({
  status,
  headers,
  body: typeof content === 'string' ? content : JSON.stringify(content),
})
const notFound = { status: 404, code: 'app-not-found', app: null }

describe('the rules', () => {
  it('are those of the table', () => {
    const row = ({ isHealthy, cachedMs, stale }: Rule) =>
      [isHealthy ?? '', cachedMs, stale ? 'stale allowed' : ''].join(' | ')
    expect(Object.entries(RULES).map(([outcome, rule]) => `${outcome}: ${row(rule)}`)).toEqual([
      'found: true |  | ',
      'not-found: true |  | ',
      'refused:  |  | ',
      'broken:  | 10000 | stale allowed',
      'denied: false | 5000 | stale allowed',
      'failed: false | 1000 | stale allowed',
      'no-feed:  |  | ',
      'expired: true |  | ',
    ])
  })
})

describe('an answer', () => {
  it('with the app has its ETag and age', () => {
    expect(read(reply(200, { app: appWith(), more: 1 }, { etag: '"e"', age: '7' }))).toEqual({
      outcome: 'found',
      value: { app: appWith(), etag: '"e"' },
      ageMs: 7000,
      consistent: false,
    })
  })

  it.each(['W/"e"', 'e', '"e"\r\nx: y', `"${'e'.repeat(300)}"`, ''])(
    'has no ETag when that is %j',
    (etag) => {
      expect(read(reply(200, { app: appWith() }, { etag, age: '0' }))).toEqual({
        outcome: 'found',
        value: { app: appWith() },
        ageMs: 0,
        consistent: false,
      })
    },
  )

  it.each(['-1', 'a', '1.5', '99999999999'])(
    'has the greatest age that the endpoint’s cache allows when its Age is %j',
    (age) => {
      expect(read(reply(200, { app: appWith() }, { age }))).toMatchObject({ ageMs: 10_000 })
      expect(read(reply(404, notFound, { age }))).toMatchObject({ ageMs: 2_000 })
    },
  )

  it.each([
    ['200 with another app', reply(200, { app: appWith({ id: 'app-2' }) }), 'failed'],
    ['200 without secret', reply(200, { app: appWith({ secret: undefined }) }), 'failed'],
    ['200 without app', reply(200, {}), 'failed'],
    ['200 in HTML', reply(200, '<html>'), 'failed'],
    ['304 to what was not conditional', reply(304, ''), 'failed'],
    ['404 with the contract’s words', reply(404, notFound), 'not-found'],
    ['404 without "app"', reply(404, { code: 'app-not-found' }), 'failed'],
    ['404 of the gateway', reply(404, { message: 'Not Found' }), 'failed'],
    ['404 in HTML', reply(404, '<html>'), 'failed'],
    ['410', reply(410, notFound), 'failed'],
    ['400', reply(400, { code: 'invalid-request' }), 'refused'],
    ['413', reply(413), 'refused'],
    ['415', reply(415), 'refused'],
    ['401', reply(401, { message: 'Unauthorized' }), 'denied'],
    ['403', reply(403, { message: 'Forbidden' }), 'denied'],
    ['500 app-malformed', reply(500, { code: 'app-malformed' }), 'broken'],
    ['500 app-key-not-unique', reply(500, { code: 'app-key-not-unique' }), 'broken'],
    ['500 internal', reply(500, { code: 'internal' }), 'failed'],
    ['503 app-malformed', reply(503, { code: 'app-malformed' }), 'failed'],
    ['429', reply(429), 'failed'],
    ['302', reply(302, '', { location: '/' }), 'failed'],
    ['204', reply(204, ''), 'failed'],
    ['no answer', { fault: 'ECONNREFUSED' }, 'failed'],
  ])('is recognized: %s', (_, given, outcome) => {
    expect(read(given).outcome).toBe(outcome)
  })

  it('can be "unchanged" only after a conditional request', () => {
    expect(readResponseFor('id', 'app-1', '"e"')(reply(304, '', { age: '2' }))).toEqual({
      outcome: 'found',
      value: 'unchanged',
      ageMs: 2000,
      consistent: false,
    })
  })

  it('can have a Retry-After, which is limited', () => {
    const patience = (value: string) => read(reply(503, {}, { 'retry-after': value }))
    expect(patience('2')).toMatchObject({ retryAfterMs: 2000 })
    expect(patience('86400')).toMatchObject({ retryAfterMs: 30_000 })
    expect(patience('Thu, 01 Jan 1970 00:00:00 GMT')).toMatchObject({ retryAfterMs: 0 })
    expect(patience('Fri, 31 Dec 9999 23:59:59 GMT')).toMatchObject({ retryAfterMs: 30_000 })
    expect(patience('soon')).toMatchObject({ retryAfterMs: undefined })
  })

  it('has a reason without any of its content', () => {
    const secret = 'made-up-secret'
    const replies = [
      reply(200, { app: appWith({ id: secret }) }),
      reply(200, { app: appWith({ enabled: secret }) }),
      reply(500, { code: `${secret} and more`, detail: secret }),
    ]
    for (const given of replies) expect(JSON.stringify(read(given))).not.toContain(secret)
  })

  it('yields the requested app or none, for any content', () => {
    const content = fc.oneof(
      fc.json(),
      fc.string(),
      fc
        .record({
          app: fc.oneof(fc.anything(), fc.record({ id: fc.constantFrom('app-1', 'b'), key: fc.string() })),
        })
        .map((value) => JSON.stringify(value) ?? ''),
    )
    fc.assert(
      fc.property(fc.integer({ min: 100, max: 599 }), content, (status, body) => {
        const answer = read({ status, headers: {}, body })
        return answer.outcome !== 'found' || (answer.value !== 'unchanged' && answer.value.app.id === 'app-1')
      }),
    )
  })
})

describe('an answer to a batch', () => {
  const items = [{ id: 'app-1', etag: '"e"' }, { id: 'app-2' }]
  const readBatch = readBatchResponseFor(items)
  const results = (...given: unknown[]) => readBatch(reply(200, { results: given }))

  it('has an answer for each app', () => {
    expect(
      results({ status: 304 }, { status: 200, app: appWith({ id: 'app-2' }), etag: '"f"' }),
    ).toMatchObject({
      value: [
        { outcome: 'found', value: 'unchanged' },
        { outcome: 'found', value: { app: { id: 'app-2' }, etag: '"f"' } },
      ],
    })
  })

  it.each([
    [{ status: 404, code: 'app-not-found' }, 'not-found'],
    [{ status: 404 }, 'failed'],
    [{ status: 304 }, 'failed'],
    [{ status: 503, code: 'store-throttled' }, 'failed'],
    [{ status: 500, code: 'app-malformed' }, 'broken'],
    [{ status: 200, app: appWith() }, 'failed'],
    [null, 'failed'],
  ])('has results that are recognized: %j', (result, outcome) => {
    expect(results({ status: 304 }, result)).toMatchObject({ value: [{ outcome: 'found' }, { outcome }] })
  })

  it('has the age of each result', () => {
    expect(results({ status: 304, age: 3 }, { status: 404, code: 'app-not-found' })).toMatchObject({
      value: [{ ageMs: 3_000 }, { ageMs: 2_000 }],
    })
  })

  it('is rejected when it does not have one result for each app', () => {
    expect(results({ status: 304 }).outcome).toBe('failed')
    expect(readBatch(reply(200, {})).outcome).toBe('failed')
    expect(readBatch(reply(503, {})).outcome).toBe('failed')
    expect(readBatch({ fault: 'deadline' }).outcome).toBe('failed')
  })
})
