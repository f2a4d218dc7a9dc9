import { afterEach, describe, expect, it } from 'vitest'
import { appendChanges } from '../../functions/feed/append-changes.ts'
import { type Entry, encodeEntry } from '../../functions/feed/change-entry.ts'
import { batchOf, EPOCH, entryOf, HOUR, hintsOf, now, SOURCE, startLog, type TestLog } from './test-log.ts'

let log: TestLog
afterEach(() => log.close())

const append = (...batch: Parameters<typeof batchOf>) =>
  appendChanges(batchOf(...batch), log, () => Date.now() + 10_000)

describe('a new epoch', () => {
  it.each<[string, Partial<Entry>]>([
    ['the last entry is older than 20 h', { appendedAt: now() - 20 * HOUR - 1, heartbeatAt: now() }],
    ['the newest heartbeat is older than 20 h', { heartbeatAt: now() - 20 * HOUR - 1 }],
    ['the records come from another stream', { source: `${SOURCE.slice(0, -1)}1` }],
  ])('begins when %s, without the heartbeat of the one before', async (_when, last) => {
    log = await startLog([entryOf(41, last)])
    await append(hintsOf('a'))
    const [, entry] = await log.entries()
    expect(entry).toMatchObject({ seq: 42, epoch: expect.not.stringMatching(EPOCH), hints: hintsOf('a') })
    expect(entry).not.toHaveProperty('heartbeatAt')
  })

  it.each<[string, Partial<Entry>]>([
    ['the last entry is younger than 20 h', { appendedAt: now() - 20 * HOUR + 60 }],
    ['the newest heartbeat is', { heartbeatAt: now() - 20 * HOUR + 60 }],
  ])('does not begin when %s', async (_when, last) => {
    log = await startLog([entryOf(41, last)])
    await append(hintsOf('a'))
    expect((await log.entries())[1]).toMatchObject({ seq: 42, epoch: EPOCH })
  })

  it('begins when the log lacks the heartbeat before, as after it was restored from a backup', async () => {
    log = await startLog([entryOf(41, { heartbeatAt: now() - 300 })])
    await append(hintsOf('a'), { heartbeatAt: now(), previousHeartbeatAt: now() - 60 })
    expect((await log.entries())[1]).toMatchObject({ seq: 42, epoch: expect.not.stringMatching(EPOCH) })
  })

  it('does not begin when the log has the heartbeat before, with the start of the minute as its time', async () => {
    log = await startLog([entryOf(41, { heartbeatAt: now() - 119 })])
    await append(hintsOf('a'), { heartbeatAt: now(), previousHeartbeatAt: now() - 60 })
    expect((await log.entries())[1]).toMatchObject({ seq: 42, epoch: EPOCH })
  })

  it('begins after the last entries were deleted, because their numbers were used before', async () => {
    log = await startLog([entryOf(1, { appendedAt: now() - 30 * HOUR }), entryOf(2)])
    await log.remove(2)
    await append(hintsOf('a'))
    const [, entry] = await log.entries()
    expect(entry).toMatchObject({ seq: 2, epoch: expect.not.stringMatching(EPOCH) })
  })

  it('does not begin for a log that has had no heartbeat yet', async () => {
    const { heartbeatAt: _, ...entry } = entryOf(1)
    log = await startLog([entry])
    await append(hintsOf('a'))
    expect((await log.entries())[1]).toMatchObject({ seq: 2, epoch: EPOCH })
  })
})

describe('a damaged last entry', () => {
  it.each<[string, Record<string, object | undefined>]>([
    ['has no hints', { hints: undefined }],
    ['has hints that are no JSON', { hints: { S: '[{"id":' } }],
    ['has hints that are no hints', { hints: { S: '[{"id":7}]' } }],
    ['has no epoch', { epoch: undefined }],
    ['has an epoch of another kind', { epoch: { S: 'x' } }],
    ['has an epoch that is a number', { epoch: { N: '7' } }],
    ['has no source', { source: undefined }],
    ['has no time', { expiresAt: undefined }],
    ['has a heartbeat that is no time', { heartbeatAt: { S: 'now' } }],
    ['has a number with a fraction', { seq: { N: '5.5' } }],
  ])('that %s is followed by a new epoch', async (_how, damage) => {
    log = await startLog([entryOf(4)])
    const item = { ...encodeEntry(entryOf(5)), ...damage }
    await log.put(
      Object.fromEntries(Object.entries(item).filter(([, value]) => value !== undefined)) as never,
    )
    await append(hintsOf('a'))
    const last = (await log.entries()).at(-1)
    expect(last).toMatchObject({ seq: 6, epoch: expect.not.stringMatching(EPOCH), hints: hintsOf('a') })
  })

  it.each(['1e30', String(2 ** 53), String(2 ** 53 - 1), String(2 ** 53 - 2)])(
    'with the number %s, which is too large, is skipped',
    async (seq) => {
      log = await startLog([entryOf(4)])
      await log.put({ ...encodeEntry(entryOf(5)), seq: { N: seq } })
      await append(hintsOf('a'))
      await append(hintsOf('b'))
      const entries = await log.entries()
      expect(entries.slice(1, 3)).toMatchObject([
        { seq: 5, epoch: EPOCH, hints: hintsOf('a') },
        { seq: 6, epoch: EPOCH, hints: hintsOf('b') },
      ])
    },
  )

  it('with the largest number that is possible now is followed by others', async () => {
    const seq = 1000 * Date.now()
    log = await startLog([entryOf(seq)])
    for (const id of ['a', 'b', 'c']) await append(hintsOf(id))
    expect((await log.entries()).map((entry) => entry?.seq)).toEqual([seq, seq + 1, seq + 2, seq + 3])
  })
})
