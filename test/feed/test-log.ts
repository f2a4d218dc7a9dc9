import { randomUUID } from 'node:crypto'
import {
  DeleteItemCommand,
  type DynamoDBClient,
  PutItemCommand,
  QueryCommand,
} from '@aws-sdk/client-dynamodb'
import { vi } from 'vitest'
import { fillTable, startEmbeddedDynamoDB } from '../../dev/embedded-dynamodb.ts'
import { readStack } from '../../dev/stack.ts'
import type { Item } from '../../functions/apps/item.ts'
import { readConfig } from '../../functions/config.ts'
import { createDynamoDBClient } from '../../functions/dynamodb/client.ts'
import { decodeEntry, type Entry, encodeEntry, PARTITION } from '../../functions/feed/change-entry.ts'
import {
  type ChangeLogReader,
  type ChangeLogWriter,
  createChangeLogReader,
  createChangeLogWriter,
} from '../../functions/feed/change-log.ts'
import type { Hint } from '../../functions/feed/hint.ts'
import type { StreamBatch } from '../../functions/feed/stream-records.ts'
import { PATIENCE } from '../support/test-dynamodb.ts'

/** A change log on a real engine, with the operations of the tests. */
export type TestLog = ChangeLogReader &
  ChangeLogWriter & {
    /** The environment of a function that uses it. */
    readonly environment: Readonly<Record<string, string>>
    /** Every entry, in order; `undefined` for one that can't be read. */
    entries(): Promise<(Entry | undefined)[]>
    /** Puts this item in place of the one with its number. */
    put(item: Item): Promise<void>
    remove(...seqs: number[]): Promise<void>
    close(): Promise<void>
  }

export const SOURCE = 'arn:aws:dynamodb:us-east-1:123456789012:table/apps/stream/2026-11-22T12:00:00.000'
export const EPOCH = 'test-epoch-'

export const HOUR = 3600

/** The current time in whole seconds. */
export const now = (): number => Math.floor(Date.now() / 1000)

export const hintsOf = (...ids: string[]): Hint[] => ids.map((id) => ({ id }))

/** A batch of the stream with these hints. */
export const batchOf = (hints: readonly Hint[], others: Partial<StreamBatch> = {}): StreamBatch => ({
  hints,
  heartbeatAt: undefined,
  previousHeartbeatAt: undefined,
  otherHeartbeats: new Map(),
  source: SOURCE,
  ignored: 0,
  ...others,
})

/** A valid entry with the current time. */
export const entryOf = (seq: number, others: Partial<Entry> = {}): Entry => ({
  seq,
  epoch: EPOCH,
  hints: [],
  heartbeatAt: now(),
  source: SOURCE,
  appendedAt: now(),
  ...others,
})

/** dynalite, or the DynamoDB at DYNAMODB_LOCAL_ENDPOINT, with the template's change log and these entries. */
export async function startLog(entries: readonly Entry[] = []): Promise<TestLog> {
  const TableName = `changes-${randomUUID()}`
  const table = { ...readStack({}).feed?.changeLog, TableName }
  const items = entries.map(encodeEntry)
  const given = process.env.DYNAMODB_LOCAL_ENDPOINT
  if (given) await fillTable(given, table, items)
  const { endpoint, close } = given
    ? { endpoint: given, close: async () => {} }
    : await startEmbeddedDynamoDB(table, items, { host: '127.0.0.1', port: 0 })
  const environment = {
    ...PATIENCE,
    APP_MANAGER_DYNAMODB_ENDPOINT: endpoint,
    CHANGE_LOG_TABLE: TableName,
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
  }
  for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY']) vi.stubEnv(name, 'local')
  const client = createDynamoDBClient(readConfig(environment))
  return {
    ...createChangeLogReader(client, TableName),
    ...createChangeLogWriter(client, TableName),
    environment,
    entries: async () => (await readItems(client, TableName)).map(decodeEntry),
    put: async (Item) => {
      await client.send(new PutItemCommand({ TableName, Item }))
    },
    remove: async (...seqs) => {
      for (const seq of seqs)
        await client.send(
          new DeleteItemCommand({ TableName, Key: { feed: { S: PARTITION }, seq: { N: String(seq) } } }),
        )
    },
    close: async () => {
      client.destroy()
      await close()
    },
  }
}

async function readItems(client: DynamoDBClient, TableName: string): Promise<Item[]> {
  const items: Item[] = []
  for (
    let ExclusiveStartKey: Item | undefined, isFirst = true;
    isFirst || ExclusiveStartKey;
    isFirst = false
  ) {
    const { Items = [], LastEvaluatedKey } = await client.send(
      new QueryCommand({
        TableName,
        ConsistentRead: true,
        KeyConditionExpression: 'feed = :feed',
        ExpressionAttributeValues: { ':feed': { S: PARTITION } },
        ...(ExclusiveStartKey && { ExclusiveStartKey }),
      }),
    )
    items.push(...Items)
    ExclusiveStartKey = LastEvaluatedKey
  }
  return items
}
