import { PutItemCommand } from '@aws-sdk/client-dynamodb'
import type { DynamoDBStreamEvent } from 'aws-lambda'
import { expect, onTestFinished, vi } from 'vitest'
import { type Checkpoints, deliverStream } from '../../dev/dynamodb-stream.ts'
import { itemOf } from '../../dev/sample-apps.ts'
import { readStack } from '../../dev/stack.ts'
import type { Hint } from '../../functions/feed/hint.ts'
import { eventOf } from '../contract/event.ts'
import { rowOf } from '../contract/rows.ts'
import { CONTEXT, loadHandler } from '../support/load-handler.ts'
import { createStreamedTable } from './streamed-table.ts'

const batchSize = readStack({}).feed?.recorder.batchSize ?? 0
const BEAT_ID = '~heartbeat.us-east-1'

type Page = { changes: Hint[]; cursor: string; more: boolean; heartbeatAge: number }

/** A streamed table and the functions of its change feed, until the test ends. The log must be created. */
export async function createStreamedFeed(...options: Parameters<typeof createStreamedTable>) {
  const table = await createStreamedTable(...options)
  const find = await loadHandler('FindChanges', { ...table.environment, PRIME: 'off' })
  const recorder = await loadHandler('RecordChanges', table.environment)
  const checkpoints: Checkpoints = new Map()
  const stops: (() => Promise<void>)[] = []
  onTestFinished(async () => {
    for (const stop of stops) await stop()
    await table.close()
  })

  const record = (event: DynamoDBStreamEvent) => recorder(event, CONTEXT)
  const put = (id: string, attributes = {}) =>
    table.client.send(new PutItemCommand({ TableName: table.tableName, Item: itemOf(id, attributes) }))

  /** Starts the mapping at the position where the last one ended. */
  function startMapping(invoke: (event: DynamoDBStreamEvent) => Promise<unknown> = record) {
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

  async function poll(since?: string): Promise<Page | undefined> {
    const event = { ...eventOf(rowOf('changes-start')), ...(since && { queryStringParameters: { since } }) }
    const { statusCode, body } = (await find(event, CONTEXT)) as { statusCode: number; body: string }
    return statusCode === 200 ? JSON.parse(body) : undefined
  }

  /** Follows the feed from the beginning of this test. */
  async function follow() {
    await put(BEAT_ID, { AppSecret: { S: String(Math.random()) } })
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

  return { table, record, put, startMapping, poll, follow }
}
