import { describe, expect, it, vi } from 'vitest'
import { encodeEntry } from '../../functions/feed/change-entry.ts'
import type { Page } from '../../functions/feed/page.ts'
import { createFeed } from '../../functions/feed/poll.ts'
import { expectResponse, problem } from '../contract/expected.ts'
import { fails, startMisbehavingDynamoDB } from '../support/misbehaving-dynamodb.ts'
import { entryOf } from './test-log.ts'
import { at, expired, hints, many, usePolls } from './use-polls.ts'

const { output, load, poll, page } = usePolls()

describe('the log', () => {
  it('is read once for concurrent polls with the same cursor, and not again within a second', async () => {
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
    for (let polls = 0; polls < 3; polls++) expectResponse(await poll(at(1)), expired)
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
    expectResponse(await poll(at(1)), problem(503, code))
    const attempts = dynamodb.attempts()
    expectResponse(await poll(at(1)), problem(503, code))
    expect(dynamodb.attempts()).toBeGreaterThan(attempts)
    await dynamodb.close()
  })
})

describe('a reader that is far behind', () => {
  it.each([
    { hintsEach: 0, entries: 1100, polls: 2 },
    { hintsEach: 1, entries: 1100, polls: 2 },
    { hintsEach: 1, entries: 1100, polls: 2, hintsBefore: 100 },
    { hintsEach: 7, entries: 290, polls: 3 },
    { hintsEach: 60, entries: 45, polls: 5 },
    { hintsEach: 100, entries: 45, polls: 5 },
  ])(
    'is told a log of $entries entries of $hintsEach hints in $polls polls, which read little more than they tell',
    async ({ hintsEach, entries, polls, hintsBefore = hintsEach }) => {
      const told = many(hintsEach, 'app')
      const log = await load([
        entryOf(1, { hints: many(hintsBefore, 'before') }),
        ...Array.from({ length: entries }, (_, seq) => entryOf(seq + 2, { hints: told })),
      ])
      let itemsRead = 0
      const counted = createFeed({
        ...log,
        async readFrom(...args) {
          const read = await log.readFrom(...args)
          itemsRead += read.items.length
          return read
        },
      })
      const changes: unknown[] = []
      let [polled, page] = [0, { cursor: at(1), more: true } as Partial<Page>]
      for (; page.more; polled++) {
        page = (await counted(page.cursor, Date.now() + 5000)).page
        changes.push(...(page.changes ?? []))
      }
      expect(changes).toEqual(Array.from({ length: entries }, () => told).flat())
      expect(polled).toBe(polls)
      expect(itemsRead).toBeLessThan(1.1 * entries + 2 * polls)
    },
  )
})

describe('the output of a poll', () => {
  it('is empty when the poll succeeds', async () => {
    await load([entryOf(1), entryOf(2, { hints: hints('secret-id') })])
    await page()
    vi.advanceTimersByTime(60_000)
    await page(at(1))
    expect(output.stdout() + output.stderr()).toBe('')
  })

  it('is a metric without the cursor when the poll fails', async () => {
    await load([entryOf(1)])
    await poll(at(1, 'other-epoch'))
    await poll('nonsense')
    expect(output.records()).toMatchObject([{ CursorExpired: [1] }, { InvalidRequest: [1] }])
    expect(output.stdout()).not.toMatch(/other-epoch|nonsense/)
  })
})
