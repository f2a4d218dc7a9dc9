import { randomUUID } from 'node:crypto'
import type { CreateTableCommandInput } from '@aws-sdk/client-dynamodb'
import { fillTable, LOCAL_CREDENTIALS, startEmbeddedDynamoDB } from '../../dev/embedded-dynamodb.ts'
import { SAMPLE_APPS } from '../../dev/sample-apps.ts'
import { readStack } from '../../dev/stack.ts'
import type { Item } from '../../functions/apps/item.ts'
import { type Entry, encodeEntry } from '../../functions/feed/change-entry.ts'

/** A real DynamoDB engine with the tables of template.yaml: the sample apps, and a change log with a heartbeat. */
export type TestDynamoDB = {
  /** The environment of a function that reads it. */
  readonly environment: Readonly<Record<string, string>>
  close(): Promise<void>
}

/** Limits for a busy machine: a write that times out and was made is made again. */
export const PATIENCE = { DYNAMODB_ATTEMPT_TIMEOUT_MS: '5000', DYNAMODB_DEADLINE_MS: '10000' }

/** dynalite, or the DynamoDB at DYNAMODB_LOCAL_ENDPOINT with a new table. */
export async function startDynamoDB(
  items: readonly Item[] = SAMPLE_APPS,
  changes: Partial<CreateTableCommandInput> = {},
): Promise<TestDynamoDB> {
  const { table: apps, feed } = readStack({})
  const table = { ...apps, ...changes, TableName: `apps-${randomUUID()}` }
  const changeLogTable = `changes-${randomUUID()}`
  const changeLog: CreateTableCommandInput = { ...feed?.changeLog, TableName: changeLogTable }
  const given = process.env.DYNAMODB_LOCAL_ENDPOINT
  const { endpoint, close } = given
    ? { endpoint: given, close: async () => {} }
    : await startEmbeddedDynamoDB(table, items, { host: '127.0.0.1', port: 0 })
  if (given) await fillTable(given, table, items)
  await fillTable(endpoint, changeLog, [encodeEntry(firstEntry())])
  return {
    environment: {
      ...PATIENCE,
      APP_MANAGER_DYNAMODB_ENDPOINT: endpoint,
      APP_MANAGER_DYNAMODB_TABLE: table.TableName,
      CHANGE_LOG_TABLE: changeLogTable,
      APP_MANAGER_DYNAMODB_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: LOCAL_CREDENTIALS.accessKeyId,
      AWS_SECRET_ACCESS_KEY: LOCAL_CREDENTIALS.secretAccessKey,
    },
    close,
  }
}

/** An entry with the current time, a heartbeat and no hints. */
function firstEntry(): Entry {
  const now = Date.now() / 1000
  return {
    seq: 1,
    epoch: 'first-entry',
    hints: [],
    heartbeatAt: now,
    source: 'arn:aws:dynamodb:test',
    appendedAt: now,
  }
}
