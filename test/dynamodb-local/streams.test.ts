import {
  DeleteItemCommand,
  PutItemCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb'
import type { DynamoDBStreamEvent } from 'aws-lambda'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type Checkpoints, deliverStream } from '../../dev/dynamodb-stream.ts'
import { itemOf } from '../../dev/sample-apps.ts'
import { readStack } from '../../dev/stack.ts'
import { decodeEntry } from '../../functions/change-entry.ts'
import { createChangeLogReader } from '../../functions/change-log.ts'
import type { Hint } from '../../functions/hint.ts'
import { hashKey } from '../../functions/stream-records.ts'
import { run } from '../../harness/run-command.ts'
import { eventOf } from '../contract/event.ts'
import { CONTEXT, type Handler, loadHandler } from '../contract/load-handler.ts'
import { rowOf } from '../contract/rows.ts'
import { captureOutput } from '../support/output.ts'
import { createStreamedTable, type StreamedTable } from './streamed-table.ts'

captureOutput()
const batchSize = readStack({}).feed?.recorder.batchSize ?? 0
const BEAT_ID = '~heartbeat.us-east-1'

let table: StreamedTable
let record: Handler
let find: Handler
let checkpoints: Checkpoints
let stops: (() => Promise<void>)[]
beforeEach(async () => {
  checkpoints = new Map()
  stops = []
})
afterEach(async () => {
  for (const stop of stops) await stop()
  await table.close()
})

async function prepare(...options: Parameters<typeof createStreamedTable>) {
  table = await createStreamedTable(...options)
  find = await loadHandler('FindChanges', { ...table.environment, PRIME: 'off' })
  record = await loadHandler('RecordChanges', table.environment)
}

/** Starts the mapping at the position where the last one ended. */
function startMapping(invoke: (event: DynamoDBStreamEvent) => Promise<unknown> = recordNow) {
  const stopping = new AbortController()
  const errors: unknown[] = []
  const { streams: client, streamArn } = table
  const delivered = deliverStream(
    { client, streamArn, checkpoints },
    { batchSize, invoke, onError: (error) => errors.push(error), signal: stopping.signal },
  )
  const stop = async () => {
    stopping.abort()
    await delivered
  }
  stops.push(stop)
  return { stop, errors }
}

const recordNow = (event: DynamoDBStreamEvent) => record(event, CONTEXT)
const put = (id: string, attributes = {}) =>
  table.client.send(new PutItemCommand({ TableName: table.tableName, Item: itemOf(id, attributes) }))
const beat = () => put(BEAT_ID, { AppSecret: { S: String(Math.random()) } })

/** Sets the n-th key of an app: the hint of this write has its hash, and that of the key before. */
const setKey = (id: string, n: number) => put(id, { AppKey: { S: keyOf(id, n) } })
const keyOf = (id: string, n: number) => `${id}-key-${n}`

type Page = { changes: Hint[]; cursor: string; more: boolean; heartbeatAge: number }

async function poll(since?: string): Promise<Page | undefined> {
  const event = { ...eventOf(rowOf('changes-start')), ...(since && { queryStringParameters: { since } }) }
  const { statusCode, body } = (await find(event, CONTEXT)) as { statusCode: number; body: string }
  return statusCode === 200 ? JSON.parse(body) : undefined
}

/** Follows the feed from the beginning of this test. */
async function follow() {
  await beat()
  const start = await vi.waitFor(async () => {
    const page = await poll()
    expect(page).toBeDefined()
    return page
  }, 20_000)
  const told: Hint[] = []
  let cursor = start?.cursor
  /** Polls until the hints meet this condition. */
  const until = (isEnough: (told: readonly Hint[]) => boolean) =>
    vi.waitFor(
      async () => {
        const page = await poll(cursor)
        told.push(...(page?.changes ?? []))
        cursor = page?.cursor
        expect(isEnough(told), `${told.length} told`).toBe(true)
      },
      { timeout: 50_000, interval: 50 },
    )
  return { told, until }
}

/** The number of the write of each hint of an app, by the key at that time. */
function writesTold(told: readonly Hint[], id: string, writes: number): number[] {
  const hashes = Array.from({ length: writes }, (_, n) => hashKey(keyOf(id, n)))
  return told.filter((hint) => hint.id === id).map(({ keys = [] }) => hashes.indexOf(keys.at(-1) ?? ''))
}

/** Every write has a hint. The first hints of the writes are in order, and the last hint is that of the last write. */
function expectInOrder(numbers: readonly number[], writes: number): void {
  const firsts = [...new Set(numbers)]
  expect(firsts).toEqual(Array.from({ length: writes }, (_, n) => n))
  expect(numbers.at(-1)).toBe(writes - 1)
}

describe('a write', () => {
  it.each(['the SDK', 'the CLI'] as const)('by %s is told', async (by) => {
    await prepare()
    await table.createLog()
    startMapping()
    const { told, until } = await follow()
    const { tableName: TableName, client, endpoint } = table
    const Key = { AppId: { S: 'a' } }
    if (by === 'the SDK') {
      await put('a')
      const ExpressionAttributeValues = { ':max': { N: '7' } }
      const UpdateExpression = 'SET MaxConnections = :max'
      await client.send(
        new UpdateItemCommand({ TableName, Key, UpdateExpression, ExpressionAttributeValues }),
      )
      await client.send(
        new TransactWriteItemsCommand({
          TransactItems: [{ Put: { TableName, Item: itemOf('b', {}) } }, { Delete: { TableName, Key } }],
        }),
      )
      await client.send(new DeleteItemCommand({ TableName, Key: { AppId: { S: 'b' } } }))
    } else {
      const options = ['--endpoint', endpoint, '--table', TableName, '--region', 'us-east-1']
      for (const command of [
        ['create', '--id', 'a', '--key', 'a-key'],
        ['disable', 'a'],
        ['create', '--id', 'b', '--key', 'b-key'],
        ['delete', 'a', '--yes'],
        ['delete', 'b', '--yes'],
      ])
        expect(await run([...command, ...options])).toMatchObject({ code: 0 })
    }
    await until((hints) => hints.length >= 5)
    const [a, b] = ['a', 'b'].map((id) => ({ id, keys: [hashKey(`${id}-key`)] }))
    expect(told.filter(({ id }) => id === 'a')).toEqual([a, a, a])
    expect(told.filter(({ id }) => id === 'b')).toEqual([b, b])
  })

  it('is told without keys by a stream that has none', async () => {
    await prepare('KEYS_ONLY')
    await table.createLog()
    startMapping()
    const { told, until } = await follow()
    await put('a')
    await until((hints) => hints.length > 0)
    expect(told).toEqual([{ id: 'a' }])
  })
})

describe('all writes', () => {
  const ids = Array.from({ length: 12 }, (_, index) => `app-${index}`)
  const WRITES = 30

  /** Writes the keys of each app in order, all apps at the same time. */
  const writeAll = () =>
    Promise.all(
      ids.map(async (id) => {
        for (let n = 0; n < WRITES; n++) await setKey(id, n)
      }),
    )
  const isAllTold = (told: readonly Hint[]) =>
    ids.every((id) => writesTold(told, id, WRITES).includes(WRITES - 1))
  const expectAllInOrder = (told: readonly Hint[]) => {
    for (const id of ids) expectInOrder(writesTold(told, id, WRITES), WRITES)
  }

  it('are told in order for each id, across restarts of the mapping', async () => {
    await prepare()
    await table.createLog()
    let mapping = startMapping()
    const { told, until } = await follow()
    let isWritten = false
    const writing = writeAll().finally(() => {
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

  it('are told in order when the function ends in the middle of a batch, and the batch comes again', async () => {
    await prepare()
    await table.createLog()
    let calls = 0
    // The appended entries stay, and the invocation fails.
    startMapping(async (event) => {
      await recordNow(event)
      if (++calls % 2 === 0) throw new Error('ended')
    })
    const { told, until } = await follow()
    await writeAll()
    await until(isAllTold)
    expectAllInOrder(told)
  })

  it('are told in order when the log fails for a while', async () => {
    await prepare()
    const { errors } = startMapping()
    await writeAll()
    await vi.waitFor(() => expect(errors.length).toBeGreaterThan(1), 20_000)
    expect(errors[0]).toMatchObject({ code: 'store-misconfigured' })
    await table.createLog()
    const log = createChangeLogReader(table.client, String(table.environment.CHANGE_LOG_TABLE))
    const told = await vi.waitFor(async () => {
      const { items } = await log.readFrom(1, Date.now() + 5000)
      const hints = items.flatMap((item) => decodeEntry(item)?.hints ?? [])
      expect(isAllTold(hints)).toBe(true)
      return hints
    }, 30_000)
    expectAllInOrder(told)
  })

  it('are told in order behind a batch that is blocked', async () => {
    await prepare()
    await table.createLog()
    let isBlocked = true
    const { errors } = startMapping(async (event) => {
      if (isBlocked && JSON.stringify(event).includes('blocked')) throw new Error('blocked')
      await recordNow(event)
    })
    const { told, until } = await follow()
    await put('blocked')
    await writeAll()
    await vi.waitFor(() => expect(errors.length).toBeGreaterThan(2), 20_000)
    expect((await poll())?.more).toBe(false)
    expect(told).toEqual([])
    isBlocked = false
    await until(isAllTold)
    expectAllInOrder(told)
    expect(told.filter(({ id }) => id === 'blocked')).toHaveLength(1)
  })
})
