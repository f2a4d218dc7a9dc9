import { readFileSync } from 'node:fs'
import { describe, expect, it, vi } from 'vitest'
import { type Entry, encodeEntry } from '../../functions/feed/change-entry.ts'
import { expectResponse, problem } from '../contract/expected.ts'
import { entryOf } from './test-log.ts'
import { at, expired, hints, later, many, usePolls } from './use-polls.ts'

const { load, invoke, poll, page } = usePolls()
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
  it('gets the later changes in order, and the next cursor, events/changes-since.json', async () => {
    await load([
      entryOf(1, { hints: hints('a') }),
      entryOf(2, { hints: [...hints('b'), { id: 'c' }] }),
      entryOf(3),
      entryOf(4, { hints: hints('b') }),
    ])
    const event = JSON.parse(
      readFileSync(new URL('../../events/changes-since.json', import.meta.url), 'utf8'),
    )
    const { body } = await invoke(event)
    expect(JSON.parse(body)).toMatchObject({
      changes: [...hints('b'), { id: 'c' }, ...hints('b')],
      cursor: at(4),
      more: false,
    })
  })

  it('works when only the entry of the cursor was deleted', async () => {
    const log = await load([entryOf(1), entryOf(2, { hints: hints('b') })])
    await log.remove(1)
    expect(await page(at(1))).toMatchObject({ changes: hints('b'), cursor: at(2) })
  })

  it('gets at most 1,000 hints, and more is true', async () => {
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

  it('gets about 1 MB, and more is true', async () => {
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

describe('a cursor that has expired', () => {
  it.each<[string, Entry[], string, number[]]>([
    ['is of another epoch', [entryOf(1), entryOf(2)], at(1, 'other-epoch'), []],
    ['is before a new epoch', [entryOf(1), entryOf(2, { epoch: 'other-epoch' })], at(1), []],
    ['is older than what is kept', [entryOf(1), entryOf(2), entryOf(3)], at(1), [1, 2]],
    ['is after the end', [entryOf(1)], at(2), []],
    ['has a gap behind it', [entryOf(1), entryOf(2), entryOf(3), entryOf(4)], at(1), [3]],
    ['is of an empty log', [], at(1), []],
  ])('gets 410 when it %s', async (_how, entries, since, removed) => {
    const log = await load(entries)
    await log.remove(...removed)
    expectResponse(await poll(since), expired)
  })

  it.each<[string, Record<string, object>]>([
    ['has no hints that can be read', { hints: { S: '{' } }],
    ['has a number with a fraction', { seq: { N: '2.5' } }],
    ['has a time that is none', { expiresAt: { S: 'later' } }],
  ])('gets 410 when a later entry %s', async (_how, damage) => {
    const log = await load([entryOf(1), entryOf(3)])
    await log.put({ ...encodeEntry(entryOf(2)), ...damage } as never)
    expectResponse(await poll(at(1)), expired)
    later()
    expect(await page()).toMatchObject({ cursor: at(3) })
  })

  it('is replaced by a poll without since, which starts after the lost changes', async () => {
    const log = await load([entryOf(1), entryOf(2, { epoch: 'other-epoch' })])
    const { cursor } = await page()
    await log.append(entryOf(3, { epoch: 'other-epoch', hints: hints('a') }), Date.now() + 1000)
    expect(await page(cursor)).toMatchObject({ changes: hints('a') })
  })
})

describe('an item with a number that is too large', () => {
  it('is not in the feed', async () => {
    const log = await load([entryOf(1), entryOf(2, { hints: hints('a') })])
    await log.put({ ...encodeEntry(entryOf(3)), seq: { N: String(2 ** 53 - 1) } })
    expect(await page()).toMatchObject({ cursor: at(2) })
    expect(await page(at(1))).toMatchObject({ changes: hints('a'), cursor: at(2), more: false })
  })
})

describe('the feed', () => {
  it('is unavailable in a stack without one', async () => {
    await load([], { CHANGE_LOG_TABLE: '' })
    expectResponse(await poll(), unavailable)
    expectResponse(await poll(at(1)), unavailable)
    expectResponse(await poll('x'), problem(400, 'invalid-request'))
  })

  it('is unavailable while its log is empty', async () => {
    await load([])
    expectResponse(await poll(), unavailable)
  })

  it('is unavailable until the first heartbeat', async () => {
    const { heartbeatAt: _, ...silent } = entryOf(1)
    const log = await load([silent])
    expectResponse(await poll(), unavailable)
    expectResponse(await poll(at(1)), unavailable)
    await log.append(entryOf(2), Date.now() + 1000)
    later()
    expect(await page(at(1))).toMatchObject({ cursor: at(2) })
  })

  it('is unavailable while its last entry is damaged, and every cursor has expired', async () => {
    const log = await load([entryOf(1)])
    await log.put({ ...encodeEntry(entryOf(2)), epoch: { S: '' } })
    expectResponse(await poll(), unavailable)
    for (const seq of [1, 2]) expectResponse(await poll(at(seq)), problem(410, 'cursor-expired'))
  })
})

describe('the ages of a page', () => {
  it('are those of the heartbeat and of the read, rounded up', async () => {
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

  it('are those of the last entry in the page', async () => {
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
