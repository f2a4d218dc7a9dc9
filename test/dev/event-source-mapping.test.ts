import type { DynamoDBRecord } from 'aws-lambda'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createShard, deliver } from '../../dev/event-source-mapping.ts'

let stopping: AbortController
beforeEach(() => {
  stopping = new AbortController()
})
afterEach(() => stopping.abort())

/** Records with the names that a test looks for. */
const recordOf = (eventID: string): DynamoDBRecord => ({ eventID })

function start(invoke: (ids: readonly (string | undefined)[]) => Promise<unknown>) {
  const shard = createShard(stopping.signal)
  const errors: unknown[] = []
  const delivered = deliver(shard, {
    batchSize: 2,
    invoke: ({ Records }) => invoke(Records.map(({ eventID }) => eventID)),
    onError: (error) => errors.push(error),
    signal: stopping.signal,
  })
  return { errors, delivered, push: (...ids: string[]) => ids.map(recordOf).forEach(shard.push) }
}

it('passes records on in order, one batch at a time', async () => {
  const batches: (readonly (string | undefined)[])[] = []
  let running = 0
  const { push } = start(async (ids) => {
    expect(++running).toBe(1)
    await Promise.resolve()
    batches.push(ids)
    running--
  })
  push('1', '2', '3')
  await expect.poll(() => batches).toEqual([['1', '2'], ['3']])
  push('4')
  await expect.poll(() => batches).toHaveLength(3)
})

it('repeats a batch until it succeeds, and passes on no other record in the meantime', async () => {
  const batches: (readonly (string | undefined)[])[] = []
  const { push, errors } = start(async (ids) => {
    batches.push(ids)
    if (batches.length < 3) throw new Error('not yet')
  })
  push('1', '2', '3')
  await expect.poll(() => batches).toEqual([['1', '2'], ['1', '2'], ['1', '2'], ['3']])
  expect(errors).toHaveLength(2)
})

it('ends when the signal is aborted, also between two attempts', async () => {
  const { push, errors, delivered } = start(() => Promise.reject(new Error('never')))
  push('1')
  await expect.poll(() => errors.length).toBeGreaterThan(0)
  stopping.abort()
  await delivered
})
