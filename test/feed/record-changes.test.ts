import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readStreamBatch } from '../../functions/feed/stream-records.ts'
import { CONTEXT, type Handler, loadHandler } from '../support/load-handler.ts'
import { answer, fails, startMisbehavingDynamoDB } from '../support/misbehaving-dynamodb.ts'
import { captureOutput } from '../support/output.ts'
import { RECORD_EVENTS } from './record-events.ts'
import { SOURCE, startLog, type TestLog } from './test-log.ts'

const output = captureOutput()
let log: TestLog
beforeEach(async () => {
  log = await startLog()
})
afterEach(() => log.close())

const load = (variables = {}): Promise<Handler> =>
  loadHandler('RecordChanges', { ...log.environment, APP_MANAGER_DYNAMODB_TABLE: 'apps', ...variables })
const metrics = () => Object.assign({}, ...output.records().filter((record) => '_aws' in record))

describe('RecordChanges', () => {
  it.each(RECORD_EVENTS)('$title, events/$event', async ({ event, entry, counted }) => {
    const handler = await load()
    expect(await handler(eventIn(event), CONTEXT)).toBeUndefined()
    const entries = await log.entries()
    if (entry === undefined) expect(entries).toEqual([])
    else expect(entries).toEqual([{ ...entry, ...ANY_ENTRY }])
    expect(metrics()).toMatchObject(counted)
    expectNothingOf(event)
  })

  it('appends the records of a batch in order, one hint for each', async () => {
    const handler = await load()
    const Records = ['record-created', 'record-changed', 'record-changed', 'record-removed'].flatMap(
      (event) => eventIn(event).Records,
    )
    await handler({ Records }, CONTEXT)
    const [entry] = await log.entries()
    expect(entry?.hints.map(({ keys }) => keys?.length)).toEqual([1, 2, 2, 1])
    expect(metrics()).toMatchObject({ ChangesRecorded: [4], consumer: 'change-feed' })
  })

  it.each([
    ['that have a record of 400 KB', 'x'.repeat(400_000)],
    ['that have binary and odd text', '\0\ud800\u2028"\\'],
  ])('takes images %s', async (_what, text) => {
    const handler = await load()
    const [record] = eventIn('record-created').Records
    await handler(
      {
        Records: [
          {
            ...record,
            dynamodb: { ...record.dynamodb, NewImage: { AppKey: { S: text }, Webhooks: { S: text } } },
          },
        ],
      },
      CONTEXT,
    )
    expect((await log.entries())[0]?.hints).toEqual([
      { id: 'demo', keys: [expect.stringMatching(/^[\w-]{11}$/)] },
    ])
  })

  it.each([
    ['no event', null],
    ['an event without records', {}],
    ['records that are no list', { Records: 7 }],
    ['a record that is nothing', { Records: [null, 7, 'x', []] }],
    ['a record without a key', withDynamodb({})],
    ['a record whose key is nothing', withDynamodb({ Keys: null })],
    ['a record whose id is a number', withDynamodb({ Keys: { AppId: { N: '7' } } })],
    ['a record whose id is empty', withDynamodb({ Keys: { AppId: { S: '' } } })],
    [
      'a record whose id is longer than a key can be',
      withDynamodb({ Keys: { AppId: { S: 'x'.repeat(2049) } } }),
    ],
  ])('appends nothing for %s, and does not fail', async (_what, event) => {
    expect(await (await load())(event, CONTEXT)).toBeUndefined()
    expect(await log.entries()).toEqual([])
  })

  it('treats an unknown event name as a change', async () => {
    const [record] = eventIn('record-created').Records
    await (await load())({ Records: [{ ...record, eventName: 'RENAMED' }] }, CONTEXT)
    expect((await log.entries())[0]?.hints).toMatchObject([{ id: 'demo', keys: [expect.any(String)] }])
  })

  it('ignores a heartbeat without a time, and one that was removed', async () => {
    const [record] = eventIn('record-heartbeat').Records
    const { ApproximateCreationDateTime: _, ...untimed } = record.dynamodb
    const Records = [
      { ...record, dynamodb: untimed },
      { ...record, eventName: 'REMOVE' },
    ]
    await (await load())({ Records }, CONTEXT)
    expect(await log.entries()).toEqual([])
  })

  it("fails when the log can't be written, so that Lambda repeats the batch, and logs the reason", async () => {
    const dynamodb = await startMisbehavingDynamoDB(fails(400, 'ProvisionedThroughputExceededException'))
    const handler = await load({ APP_MANAGER_DYNAMODB_ENDPOINT: dynamodb.endpoint })
    await expect(handler(eventIn('record-created'), CONTEXT)).rejects.toMatchObject({
      code: 'store-throttled',
    })
    await dynamodb.close()
    expect(output.records()).toMatchObject([
      { level: 'ERROR', code: 'store-throttled', consumer: 'change-feed' },
      { StoreThrottled: [1], consumer: 'change-feed' },
    ])
    expectNothingOf('record-created')
  })

  it("fails when the response to a write is not DynamoDB's", async () => {
    const dynamodb = await startMisbehavingDynamoDB((request, response) => {
      const isWrite = String(request.headers['x-amz-target']).endsWith('PutItem')
      answer(response, 200, isWrite ? { message: 'OK' } : { Items: [], Count: 0 })
    })
    const handler = await load({ APP_MANAGER_DYNAMODB_ENDPOINT: dynamodb.endpoint })
    await expect(handler(eventIn('record-created'), CONTEXT)).rejects.toMatchObject({
      code: 'store-unavailable',
      logFields: { reason: expect.any(String) },
    })
    await dynamodb.close()
  })

  it('ends before its timeout when the log does not respond', async () => {
    const dynamodb = await startMisbehavingDynamoDB(() => {})
    const handler = await load({ APP_MANAGER_DYNAMODB_ENDPOINT: dynamodb.endpoint })
    const context = { ...CONTEXT, getRemainingTimeInMillis: () => 1300 }
    const startedAt = Date.now()
    await expect(handler(eventIn('record-created'), context)).rejects.toMatchObject({
      code: 'store-unavailable',
    })
    expect(Date.now() - startedAt).toBeLessThan(1300)
    await dynamodb.close()
  })
})

describe('a batch of the stream', () => {
  it('has the scheduled time of the heartbeat before its first one', () => {
    const [first] = eventIn('record-heartbeat').Records
    const { OldImage, NewImage } = first.dynamodb
    const ScheduledTime = { S: '2023-11-14T22:14:20Z' }
    const next = { OldImage: NewImage, NewImage: { ...NewImage, ScheduledTime } }
    const second = { ...first, dynamodb: { ...first.dynamodb, ...next } }
    const scope = { tableName: 'apps', region: 'us-east-1' }
    const { previousHeartbeatAt } = readStreamBatch({ Records: [first, second] }, scope)
    expect(previousHeartbeatAt).toBe(Date.parse(OldImage.ScheduledTime.S) / 1000)
  })

  it.each(['no time', { S: 'noon' }, { N: '7' }, null])(
    'is read without the age of a heartbeat whose scheduled time is %j',
    (ScheduledTime) => {
      const [record] = eventIn('record-other-heartbeat').Records
      record.dynamodb.NewImage = { ...record.dynamodb.NewImage, ScheduledTime }
      const scope = { tableName: 'apps', region: 'us-east-1' }
      expect(readStreamBatch({ Records: [record] }, scope)).toMatchObject({
        hints: [],
        otherHeartbeats: new Map(),
      })
    },
  )

  it('is read without the age of a heartbeat whose id has no region', () => {
    const [record] = eventIn('record-other-heartbeat').Records
    record.dynamodb.Keys = { AppId: { S: '~heartbeat.<script>' } }
    const scope = { tableName: 'apps', region: 'us-east-1' }
    expect(readStreamBatch({ Records: [record] }, scope)).toMatchObject({
      hints: [],
      otherHeartbeats: new Map(),
    })
  })

  const anything = fc.anything({ withNullPrototype: true, withBigInt: false })
  const record = fc.record(
    {
      eventName: fc.oneof(fc.constantFrom('INSERT', 'MODIFY', 'REMOVE'), anything),
      eventSourceARN: fc.oneof(fc.constant(SOURCE), anything),
      dynamodb: fc.oneof(
        anything,
        fc.record(
          {
            Keys: fc.oneof(anything, fc.record({ AppId: fc.oneof(anything, fc.record({ S: fc.string() })) })),
            NewImage: anything,
            OldImage: fc.oneof(
              anything,
              fc.record({ AppKey: fc.oneof(anything, fc.record({ S: anything })) }),
            ),
            ApproximateCreationDateTime: anything,
          },
          { requiredKeys: [] },
        ),
      ),
    },
    { requiredKeys: [] },
  )

  it('is read without an error, whatever it contains', () => {
    fc.assert(
      fc.property(
        fc.oneof(anything, fc.record({ Records: fc.array(fc.oneof(record, anything)) })),
        (event) => {
          const { hints, ignored } = readStreamBatch(event, { tableName: 'apps', region: 'us-east-1' })
          for (const { id, keys = [] } of hints)
            expect([id, ...keys].every((text) => typeof text === 'string')).toBe(true)
          expect(ignored).toBeGreaterThanOrEqual(0)
        },
      ),
      { numRuns: 2000 },
    )
  })
})

const ANY_ENTRY = { seq: 1, epoch: expect.any(String), source: SOURCE, appendedAt: expect.any(Number) }

function eventIn(name: string) {
  return JSON.parse(readFileSync(new URL(`../../events/${name}.json`, import.meta.url), 'utf8'))
}

function withDynamodb(dynamodb: object) {
  return { Records: [{ eventName: 'MODIFY', eventSourceARN: SOURCE, dynamodb }] }
}

/** Fails if the output has an id, a key or a secret of the event. */
function expectNothingOf(event: string): void {
  const text = readFileSync(new URL(`../../events/${event}.json`, import.meta.url), 'utf8')
  const written = output.stdout() + output.stderr()
  for (const [, value = ''] of text.matchAll(/"S": "([^"]+)"/g)) expect(written).not.toContain(`"${value}"`)
}
