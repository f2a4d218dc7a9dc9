import { describe, expect, it, vi } from 'vitest'
import { decodeEntry } from '../../functions/feed/change-entry.ts'
import { createChangeLogReader } from '../../functions/feed/change-log.ts'
import type { Hint } from '../../functions/feed/hint.ts'
import { hashKey } from '../../functions/feed/stream-records.ts'
import { captureOutput } from '../support/output.ts'
import { createStreamedFeed } from './streamed-feed.ts'

captureOutput()

const IDS = Array.from({ length: 12 }, (_, index) => `app-${index}`)
const WRITES = 30
const keyOf = (id: string, n: number) => `${id}-key-${n}`

type Feed = Awaited<ReturnType<typeof createStreamedFeed>>

/** Sets the keys of each app in order, all apps at the same time. The last hash of a hint is that of the new key. */
const writeAll = (put: Feed['put']) =>
  Promise.all(
    IDS.map(async (id) => {
      for (let n = 0; n < WRITES; n++) await put(id, { AppKey: { S: keyOf(id, n) } })
    }),
  )

/** The number of the write of each hint of an app, by the key at that time. */
function writesTold(told: readonly Hint[], id: string): number[] {
  const hashes = Array.from({ length: WRITES }, (_, n) => hashKey(keyOf(id, n)))
  return told.filter((hint) => hint.id === id).map(({ keys = [] }) => hashes.indexOf(keys.at(-1) ?? ''))
}

const isAllTold = (told: readonly Hint[]) => IDS.every((id) => writesTold(told, id).includes(WRITES - 1))

/** Every write has a hint. The first hints of the writes are in order, and the last hint is that of the last write. */
function expectAllInOrder(told: readonly Hint[]): void {
  for (const id of IDS) {
    const numbers = writesTold(told, id)
    expect([...new Set(numbers)]).toEqual(Array.from({ length: WRITES }, (_, n) => n))
    expect(numbers.at(-1)).toBe(WRITES - 1)
  }
}

describe('all writes', () => {
  it('are in the feed in order for each id, across restarts of the mapping', async () => {
    const { table, put, startMapping, follow } = await createStreamedFeed()
    await table.createLog()
    let mapping = startMapping()
    const { told, until } = await follow()
    let isWritten = false
    const writing = writeAll(put).finally(() => {
      isWritten = true
    })
    let restarts = 0
    for (; !isWritten || restarts < 3; restarts++) {
      await mapping.stop()
      mapping = startMapping()
      const before = told.length
      await until((hints) => isWritten || hints.length > before)
    }
    await writing
    await until(isAllTold)
    expectAllInOrder(told)
    expect(mapping.errors).toEqual([])
  })

  it('are in the feed in order when the function ends within a batch and the batch is repeated', async () => {
    const { table, put, startMapping, follow, record } = await createStreamedFeed()
    await table.createLog()
    let calls = 0
    // The appended entries stay, and the invocation fails.
    startMapping(async (event) => {
      await record(event)
      if (++calls % 2 === 0) throw new Error('ended')
    })
    const { told, until } = await follow()
    await writeAll(put)
    await until(isAllTold)
    expectAllInOrder(told)
  })

  it('are in the feed in order when the log fails for a while', async () => {
    const { table, put, startMapping } = await createStreamedFeed()
    const { errors } = startMapping()
    await writeAll(put)
    await vi.waitFor(() => expect(errors.length).toBeGreaterThan(1), 20_000)
    expect(errors[0]).toMatchObject({ code: 'store-misconfigured' })
    await table.createLog()
    const log = createChangeLogReader(table.client, String(table.environment.CHANGE_LOG_TABLE))
    const told = await vi.waitFor(async () => {
      const { items } = await log.readFrom(1, 1000, Date.now() + 5000)
      const hints = items.flatMap((item) => decodeEntry(item)?.hints ?? [])
      expect(isAllTold(hints)).toBe(true)
      return hints
    }, 30_000)
    expectAllInOrder(told)
  })

  it('are in the feed in order after a blocked batch', async () => {
    const { table, put, startMapping, poll, follow, record } = await createStreamedFeed()
    await table.createLog()
    let isBlocked = true
    const { errors } = startMapping(async (event) => {
      if (isBlocked && JSON.stringify(event).includes('blocked')) throw new Error('blocked')
      await record(event)
    })
    const { told, until } = await follow()
    await put('blocked')
    await writeAll(put)
    await vi.waitFor(() => expect(errors.length).toBeGreaterThan(2), 20_000)
    expect((await poll())?.more).toBe(false)
    expect(told).toEqual([])
    isBlocked = false
    await until(isAllTold)
    expectAllInOrder(told)
    expect(told.filter(({ id }) => id === 'blocked')).toHaveLength(1)
  })
})
