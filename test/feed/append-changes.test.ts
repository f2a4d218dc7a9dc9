import { afterEach, describe, expect, it } from 'vitest'
import { appendChanges } from '../../functions/feed/append-changes.ts'
import { type Entry, MAX_ENTRY } from '../../functions/feed/change-entry.ts'
import { batchOf, EPOCH, entryOf, HOUR, hintsOf, now, SOURCE, startLog, type TestLog } from './test-log.ts'

let log: TestLog
afterEach(() => log.close())

const deadline = () => Date.now() + 10_000
const append = (...batch: Parameters<typeof batchOf>) => appendChanges(batchOf(...batch), log, deadline)
const idsIn = (entries: readonly (Entry | undefined)[]) =>
  entries.flatMap((entry) => entry?.hints.map(({ id }) => id) ?? ['?'])

describe('a batch', () => {
  it('begins an empty log with number 1 and a random epoch', async () => {
    log = await startLog()
    await append([{ id: 'a', keys: ['k1'] }, { id: 'b' }])
    expect(await log.entries()).toEqual([
      {
        seq: 1,
        epoch: expect.stringMatching(/^[\w-]{11}$/),
        hints: [{ id: 'a', keys: ['k1'] }, { id: 'b' }],
        source: SOURCE,
        appendedAt: expect.any(Number),
      },
    ])
    const other = await startLog()
    await appendChanges(batchOf(hintsOf('a')), other, deadline)
    expect((await other.entries())[0]?.epoch).not.toBe((await log.entries())[0]?.epoch)
    await other.close()
  })

  it('gets the next number, the same epoch, and the newest heartbeat so far', async () => {
    const heartbeatAt = now() - 100
    log = await startLog([entryOf(7, { heartbeatAt })])
    await append(hintsOf('a'))
    await append([], { heartbeatAt: heartbeatAt + 60 })
    await append(hintsOf('b'), { heartbeatAt: heartbeatAt + 30 })
    expect(await log.entries()).toMatchObject([
      { seq: 7, heartbeatAt },
      { seq: 8, epoch: EPOCH, heartbeatAt, hints: hintsOf('a') },
      { seq: 9, epoch: EPOCH, heartbeatAt: heartbeatAt + 60, hints: [] },
      { seq: 10, epoch: EPOCH, heartbeatAt: heartbeatAt + 60, hints: hintsOf('b') },
    ])
  })

  it('without changes and heartbeat adds no entry', async () => {
    log = await startLog()
    await append([])
    expect(await log.entries()).toEqual([])
  })

  it('records a heartbeat from the future with the current time', async () => {
    log = await startLog()
    await append([], { heartbeatAt: now() + HOUR })
    const [entry] = await log.entries()
    expect(entry?.heartbeatAt).toBeLessThanOrEqual(now() + 1)
  })

  it('expires 24 h after it was appended', async () => {
    log = await startLog()
    await append(hintsOf('a'))
    const item = await log.readLast(deadline())
    expect(Number(item?.expiresAt?.N) - now()).toBeGreaterThan(24 * HOUR - 60)
    expect(Number(item?.expiresAt?.N) - now()).toBeLessThanOrEqual(24 * HOUR)
  })
})

describe('a batch that is too large for an entry', () => {
  it('of 1,000 changes with ids of 2 KB is appended in order, in entries of at most 100 hints and 100 KB', async () => {
    log = await startLog()
    const ids = Array.from({ length: 1000 }, (_, index) => `${index}-`.padEnd(2048, 'é').slice(0, 1024))
    await append(hintsOf(...ids), { heartbeatAt: now() })
    const entries = await log.entries()
    expect(idsIn(entries)).toEqual(ids)
    expect(entries.map((entry) => entry?.seq)).toEqual(entries.map((_, index) => index + 1))
    expect(new Set(entries.map((entry) => entry?.epoch)).size).toBe(1)
    for (const entry of entries) {
      expect(entry?.hints.length).toBeLessThanOrEqual(MAX_ENTRY.hints)
      expect(Buffer.byteLength(JSON.stringify(entry?.hints))).toBeLessThanOrEqual(MAX_ENTRY.bytes + 2)
    }
  })

  it('of small hints becomes as few entries as possible', async () => {
    log = await startLog()
    await append(hintsOf(...Array.from({ length: 250 }, (_, index) => `app-${index}`)))
    expect((await log.entries()).map((entry) => entry?.hints.length)).toEqual([100, 100, 50])
  })

  it('has its heartbeat in the last entry, because only then all changes before it are in the log', async () => {
    const heartbeatAt = now() - 100
    log = await startLog([entryOf(1, { heartbeatAt })])
    await append(hintsOf(...Array.from({ length: 201 }, (_, index) => `${index}`)), { heartbeatAt: now() })
    const heartbeats = (await log.entries()).map((entry) => entry?.heartbeatAt)
    expect(heartbeats.slice(0, 3)).toEqual([heartbeatAt, heartbeatAt, heartbeatAt])
    expect(heartbeats[3]).toBeGreaterThan(heartbeatAt)
  })
})

describe('concurrent batches', () => {
  it.each([0, 1])(
    'leave no gap, lose no change, and share one epoch, on a log of %i entries',
    async (entries) => {
      log = await startLog(entries === 0 ? [] : [entryOf(1)])
      const batches = Array.from({ length: 8 }, (_, batch) =>
        Array.from({ length: 150 }, (_, index) => `${batch}-${index}`),
      )
      await Promise.all(batches.map((ids) => append(hintsOf(...ids))))
      const written = await log.entries()
      expect(written.map((entry) => entry?.seq)).toEqual(written.map((_, index) => index + 1))
      expect(new Set(written.map((entry) => entry?.epoch)).size).toBe(1)
      const told = idsIn(written)
      expect(told.toSorted()).toEqual(batches.flat().toSorted())
      for (const ids of batches) {
        const [batch] = ids[0]?.split('-') ?? []
        expect(told.filter((id) => id.startsWith(`${batch}-`))).toEqual(ids)
      }
    },
  )
})

describe('a crash', () => {
  const ids = Array.from({ length: 250 }, (_, index) => `${index}`)

  /** The log, with a crash before or after the n-th call. */
  function crashing(step: number, isBefore: boolean) {
    let steps = 0
    const crashAt =
      <A extends unknown[], T>(call: (...args: A) => Promise<T>) =>
      async (...args: A): Promise<T> => {
        const isLast = steps++ === step
        if (isLast && isBefore) throw new Error('crash')
        const result = await call(...args)
        if (isLast) throw new Error('crash')
        return result
      }
    return { readLast: crashAt(log.readLast), readFrom: log.readFrom, append: crashAt(log.append) }
  }

  it.each([0, 1, 2, 3].flatMap((step) => [true, false].map((isBefore) => ({ step, isBefore }))))(
    'at step $step ($isBefore: before it) loses nothing: the batch comes again',
    async ({ step, isBefore }) => {
      log = await startLog()
      const batch = batchOf(hintsOf(...ids), { heartbeatAt: now() })
      await expect(appendChanges(batch, crashing(step, isBefore), deadline)).rejects.toThrow('crash')
      await appendChanges(batch, log, deadline)
      const entries = await log.entries()
      expect(entries.map((entry) => entry?.seq)).toEqual(entries.map((_, index) => index + 1))
      expect(idsIn(entries).slice(-ids.length)).toEqual(ids)
      expect(new Set(entries.map((entry) => entry?.epoch)).size).toBe(1)
      expect(entries.at(-1)?.heartbeatAt).toBeDefined()
    },
  )
})

describe('a batch whose number is always taken', () => {
  it('ends by the deadline', async () => {
    log = await startLog()
    const endsAt = Date.now() + 300
    const taken = { ...log, append: async () => false }
    await expect(
      appendChanges(batchOf(hintsOf('a')), taken, () => Math.min(Date.now() + 2000, endsAt)),
    ).rejects.toMatchObject({ code: 'store-unavailable' })
    expect(await log.entries()).toEqual([])
  })
})
