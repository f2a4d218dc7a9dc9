import { randomUUID } from 'node:crypto'
import type { CreateTableCommandInput } from '@aws-sdk/client-dynamodb'
import { fillTable, LOCAL_CREDENTIALS, startEmbeddedDynamoDB } from '../../dev/embedded-dynamodb.ts'
import { SAMPLE_APPS } from '../../dev/sample-apps.ts'
import { readStack } from '../../dev/stack.ts'
import type { Item } from '../../functions/item.ts'

/** A real DynamoDB engine with template.yaml's table and the sample apps. */
export type TestDynamoDB = {
  /** What a function needs in its environment to read it. */
  readonly environment: Readonly<Record<string, string>>
  close(): Promise<void>
}

/** dynalite, or the DynamoDB at DYNAMODB_LOCAL_ENDPOINT with a table of a name of its own. */
export async function startDynamoDB(
  items: readonly Item[] = SAMPLE_APPS,
  changes: Partial<CreateTableCommandInput> = {},
): Promise<TestDynamoDB> {
  const table = { ...readStack({}).table, ...changes, TableName: `apps-${randomUUID()}` }
  const given = process.env.DYNAMODB_LOCAL_ENDPOINT
  const { endpoint, close } = given
    ? { endpoint: given, close: async () => {} }
    : await startEmbeddedDynamoDB(table, items, { host: '127.0.0.1', port: 0 })
  if (given) await fillTable(given, table, items)
  return {
    environment: {
      APP_MANAGER_DYNAMODB_ENDPOINT: endpoint,
      APP_MANAGER_DYNAMODB_TABLE: table.TableName,
      APP_MANAGER_DYNAMODB_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: LOCAL_CREDENTIALS.accessKeyId,
      AWS_SECRET_ACCESS_KEY: LOCAL_CREDENTIALS.secretAccessKey,
    },
    close,
  }
}
