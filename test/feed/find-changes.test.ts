import { readFileSync } from 'node:fs'
import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type Entry, encodeEntry } from '../../functions/change-entry.ts'
import { eventOf } from '../contract/event.ts'
import { expectAnswer, problem } from '../contract/expected.ts'
import { CONTEXT, type Handler, loadHandler } from '../contract/load-handler.ts'
import { get } from '../contract/row.ts'
import type { WireAnswer } from '../support/http.ts'
import { fails, startMisbehavingDynamoDB } from '../support/misbehaving-dynamodb.ts'
import { captureOutput } from '../support/output.ts'
import { EPOCH, entryOf, startLog, type TestLog } from './test-log.ts'

const output = captureOutput()
let log: TestLog
let handler: Handler
beforeEach(() => vi.useFakeTimers({ toFake: ['Date'] }))
afterEach(async () => {
  vi.useRealTimers()
  await log.close()
  output.expectNoSecret()
})

async function load(entries: readonly Entry[], variables = {}): Promise<void> {
  log = await startLog(entries)
  handler = await loadHandler('FindChanges', { ...log.environment, PRIME: 'off', ...variables })
}

async function ask(event: unknown): Promise<WireAnswer> {
  const {
    statusCode = 0,
    headers = {},
    body = '',
  } = (await handler(event, CONTEXT)) as APIGatewayProxyStructuredResultV2
  return { status: statusCode, headers: headers as Record<string, string>, body }
}

const poll = (since?: string) =>
  ask(
    eventOf({
      title: '',
      ...get(since === undefined ? '/changes' : `/changes?since=${since}`),
      answer: { status: 0 },
    }),
  )
const page = async (since?: string) => {
  const answer = await poll(since)
  expect(answer).toMatchObject({ status: 200, headers: { 'cache-control': 'no-store' } })
  return JSON.parse(answer.body)
}
/** Changes that a cache of one second must not hide. */
const later = () => vi.advanceTimersByTime(1000)

const at = (seq: number, epoch = EPOCH) => `${epoch}.${seq}`
const hints = (...ids: string[]) => ids.map((id) => ({ id, keys: ['AAAAAAAAAAA'] }))
const many = (count: number, prefix: string) =>
  hints(...Array.from({ length: count }, (_, index) => `${prefix}-${index}`))
const expired = problem(410, 'cursor-expired')
const unavailable = problem(503, 'feed-unavailable')

describe('a poll without a cursor', () => {
  it("has the cursor of the log's end and no changes", async () => {
    await load([entryOf(1, { hints: hints('a') }), entryOf(2, { hints: hints('b') })])
    expect(await page()).toEqual({
      changes: [],
      cursor: at(2),
      more: false,
      heartbeatAge: expect.any(Number),
      age: 0,
    })
  })
})

describe('a poll with the cursor of the end', () => {
  it('has no changes and the same cursor', async () => {
    await load([entryOf(1), entryOf(2, { hints: hints('b') })])
    expect(await page(at(2))).toMatchObject({ changes: [], cursor: at(2), more: false })
  })
})

describe('a poll with an older cursor', () => {
  it('has the changes since, in their order, and the cursor to go on with, events/changes-since.json', async () => {
    await load([
      entryOf(1, { hints: hints('a') }),
      entryOf(2, { hints: [...hints('b'), { id: 'c' }] }),
      entryOf(3),
      entryOf(4, { hints: hints('b') }),
    ])
    const event = JSON.parse(
      readFileSync(new URL('../../events/changes-since.json', import.meta.url), 'utf8'),
    )
    const { body } = await ask(event)
    expect(JSON.parse(body)).toMatchObject({
      changes: [...hints('b'), { id: 'c' }, ...hints('b')],
      cursor: at(4),
      more: false,
    })
  })

  it("goes on when the cursor's entry itself has been deleted", async () => {
    await load([entryOf(1), entryOf(2, { hints: hints('b') })])
    await log.remove(1)
    expect(await page(at(1))).toMatchObject({ changes: hints('b'), cursor: at(2) })
  })

  it('has at most 1,000 hints at once, and says that there are more', async () => {
    const batches = Array.from({ length: 25 }, (_, index) => many(90, String(index)))
    await load([entryOf(1), ...batches.map((hints, index) => entryOf(index + 2, { hints }))])
    const told: object[] = []
    let answer = { cursor: at(1), more: true, changes: [] as object[] }
    for (let polls = 0; answer.more; polls++) {
      answer = await page(answer.cursor)
      expect(answer.changes.length).toBeLessThanOrEqual(1000)
      expect(answer.more).toBe(polls < 2)
      told.push(...answer.changes)
    }
    expect(told).toEqual(batches.flat())
  })

  it('has about 1 MB at once, and says that there are more', async () => {
    const long = (entry: number) =>
      hints(...Array.from({ length: 40 }, (_, index) => `${entry}-${index}`.padEnd(2048, 'x')))
    const batches = Array.from({ length: 24 }, (_, index) => long(index))
    await load([entryOf(1), ...batches.map((hints, index) => entryOf(index + 2, { hints }))])
    const told: object[] = []
    let answer = { cursor: at(1), more: true, changes: [] as object[] }
    for (let polls = 0; answer.more; polls++) {
      const { body } = await poll(answer.cursor)
      expect(body.length).toBeLessThan(1.3e6)
      answer = JSON.parse(body)
      told.push(...answer.changes)
      expect(polls).toBeLessThan(3)
    }
    expect(told).toEqual(batches.flat())
  })
})

describe('a cursor that can not be followed', () => {
  it.each<[string, Entry[], string, number[]]>([
    ['is of another epoch', [entryOf(1), entryOf(2)], at(1, 'other-epoch'), []],
    ['is before a new epoch', [entryOf(1), entryOf(2, { epoch: 'other-epoch' })], at(1), []],
    ['is older than what is kept', [entryOf(1), entryOf(2), entryOf(3)], at(1), [1, 2]],
    ['is after the end', [entryOf(1)], at(2), []],
    ['has a gap behind it', [entryOf(1), entryOf(2), entryOf(3), entryOf(4)], at(1), [3]],
    ['is of an empty log', [], at(1), []],
  ])('gets 410 when it %s', async (_how, entries, since, removed) => {
    await load(entries)
    await log.remove(...removed)
    expectAnswer(await poll(since), expired)
  })

  it.each<[string, Record<string, object>]>([
    ['has no hints that can be read', { hints: { S: '{' } }],
    ['has a number with a fraction', { seq: { N: '2.5' } }],
    ['has a time that is none', { expiresAt: { S: 'later' } }],
  ])('gets 410 when an entry behind it %s', async (_how, damage) => {
    await load([entryOf(1), entryOf(3)])
    await log.put({ ...encodeEntry(entryOf(2)), ...damage } as never)
    expectAnswer(await poll(at(1)), expired)
    later()
    expect(await page()).toMatchObject({ cursor: at(3) })
  })

  it('can be followed again from the end, past what was lost', async () => {
    await load([entryOf(1), entryOf(2, { epoch: 'other-epoch' })])
    const { cursor } = await page()
    await log.append(entryOf(3, { epoch: 'other-epoch', hints: hints('a') }), Date.now() + 1000)
    expect(await page(cursor)).toMatchObject({ changes: hints('a') })
  })
})

describe('a feed of which nothing is known', () => {
  it('is unavailable in a stack without one', async () => {
    await load([], { CHANGE_LOG_TABLE: '' })
    expectAnswer(await poll(), unavailable)
    expectAnswer(await poll(at(1)), unavailable)
    expectAnswer(await poll('x'), problem(400, 'invalid-request'))
  })

  it('is unavailable while its log is empty', async () => {
    await load([])
    expectAnswer(await poll(), unavailable)
  })

  it('is unavailable until a heartbeat has come', async () => {
    const { heartbeatAt: _, ...silent } = entryOf(1)
    await load([silent])
    expectAnswer(await poll(), unavailable)
    expectAnswer(await poll(at(1)), unavailable)
    await log.append(entryOf(2), Date.now() + 1000)
    later()
    expect(await page(at(1))).toMatchObject({ cursor: at(2) })
  })

  it('is unavailable while its last entry can not be read', async () => {
    await load([entryOf(1)])
    await log.put({ ...encodeEntry(entryOf(2)), epoch: { S: '' } })
    expectAnswer(await poll(), unavailable)
  })
})

describe('the ages', () => {
  it('are those of the heartbeat and of the read, and never of less than a second too little', async () => {
    await load([entryOf(1, { heartbeatAt: Math.floor(Date.now() / 1000) - 34 })])
    const { heartbeatAge, age } = await page()
    expect([34, 35]).toContain(heartbeatAge)
    expect(age).toBe(0)
    vi.advanceTimersByTime(900)
    expect(await page()).toMatchObject({ age: 1 })
  })

  it('are not negative when a clock is behind', async () => {
    await load([entryOf(1, { heartbeatAt: Math.floor(Date.now() / 1000) + 50 })])
    expect(await page()).toMatchObject({ heartbeatAge: 0, age: 0 })
  })

  it('are of the last entry that is told', async () => {
    const now = Math.floor(Date.now() / 1000)
    const old = Array.from({ length: 12 }, (_, index) =>
      entryOf(index + 2, { hints: many(90, 'a'), heartbeatAt: now - 300 }),
    )
    await load([entryOf(1), ...old, entryOf(14, { heartbeatAt: now })])
    const { heartbeatAge, cursor } = await page(at(1))
    expect(heartbeatAge).toBeGreaterThanOrEqual(300)
    expect((await page(cursor)).heartbeatAge).toBeLessThan(300)
  })
})

describe('the log', () => {
  it('is read once for all who ask with one cursor at once, and not again within a second', async () => {
    let queries = 0
    const items = [encodeEntry(entryOf(1))]
    const dynamodb = await startMisbehavingDynamoDB((_request, response) => {
      queries++
      const body = JSON.stringify({ Items: items, Count: 1, ScannedCount: 1 })
      response
        .writeHead(200, { 'content-type': 'application/x-amz-json-1.0', 'x-amzn-requestid': 'A' })
        .end(body)
    })
    await load([], { APP_MANAGER_DYNAMODB_ENDPOINT: dynamodb.endpoint })
    await Promise.all(Array.from({ length: 100 }, () => page(at(1))))
    for (let polls = 0; polls < 9; polls++) {
      vi.advanceTimersByTime(100)
      await page(at(1))
    }
    expect(queries).toBe(1)
    vi.advanceTimersByTime(100)
    await page(at(1))
    expect(queries).toBe(2)
    await page()
    expect(queries).toBe(3)
    await dynamodb.close()
  })

  it('is read consistently, and no more than once a second for a cursor that has expired', async () => {
    const bodies: string[] = []
    const dynamodb = await startMisbehavingDynamoDB((_request, response, _attempt, body) => {
      bodies.push(body)
      response
        .writeHead(200, { 'content-type': 'application/x-amz-json-1.0', 'x-amzn-requestid': 'A' })
        .end('{"Items":[],"Count":0,"ScannedCount":0}')
    })
    await load([], { APP_MANAGER_DYNAMODB_ENDPOINT: dynamodb.endpoint })
    for (let polls = 0; polls < 3; polls++) expectAnswer(await poll(at(1)), expired)
    expect(bodies.map((body) => JSON.parse(body).ConsistentRead)).toEqual([true])
    await dynamodb.close()
  })

  it.each([
    ['throttles', 'ProvisionedThroughputExceededException', 'store-throttled'],
    ['is not there', 'ResourceNotFoundException', 'store-misconfigured'],
    ['fails', 'InternalServerError', 'store-unavailable'],
  ])('that %s is 503, which is never cached', async (_how, error, code) => {
    const dynamodb = await startMisbehavingDynamoDB(fails(400, error))
    await load([], { APP_MANAGER_DYNAMODB_ENDPOINT: dynamodb.endpoint })
    expectAnswer(await poll(at(1)), problem(503, code))
    const attempts = dynamodb.attempts()
    expectAnswer(await poll(at(1)), problem(503, code))
    expect(dynamodb.attempts()).toBeGreaterThan(attempts)
    await dynamodb.close()
  })
})

describe('what is written of a poll', () => {
  it('is nothing when it worked', async () => {
    await load([entryOf(1), entryOf(2, { hints: hints('secret-id') })])
    await page()
    vi.advanceTimersByTime(60_000)
    await page(at(1))
    expect(output.stdout() + output.stderr()).toBe('')
  })

  it('is a count when it did not, without the cursor', async () => {
    await load([entryOf(1)])
    await poll(at(1, 'other-epoch'))
    await poll('nonsense')
    expect(output.records()).toMatchObject([{ CursorExpired: [1] }, { InvalidRequest: [1] }])
    expect(output.stdout()).not.toMatch(/other-epoch|nonsense/)
  })
})
