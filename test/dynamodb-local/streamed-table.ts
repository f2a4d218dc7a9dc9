import { randomUUID } from 'node:crypto'
import {
  CreateTableCommand,
  type CreateTableCommandInput,
  DeleteTableCommand,
  DescribeTableCommand,
  DynamoDBClient,
  type StreamViewType,
} from '@aws-sdk/client-dynamodb'
import { DynamoDBStreamsClient } from '@aws-sdk/client-dynamodb-streams'
import { LOCAL_CREDENTIALS } from '../../dev/embedded-dynamodb.ts'
import { readStack } from '../../dev/stack.ts'

/** A table of apps in DynamoDB Local with a stream, and a change log beside it. */
export type StreamedTable = {
  readonly endpoint: string
  readonly tableName: string
  readonly streamArn: string
  readonly client: DynamoDBClient
  readonly streams: DynamoDBStreamsClient
  /** The environment of RecordChanges and FindChanges. */
  readonly environment: Readonly<Record<string, string>>
  createLog(): Promise<void>
  close(): Promise<void>
}

/** Creates the table, and its log only with that option. */
export async function createStreamedTable(
  StreamViewType: StreamViewType = 'NEW_AND_OLD_IMAGES',
  endpoint = String(process.env.DYNAMODB_LOCAL_ENDPOINT),
): Promise<StreamedTable> {
  const options = { endpoint, region: 'us-east-1', credentials: LOCAL_CREDENTIALS }
  const { table, feed } = readStack({})
  const tableName = `apps-${randomUUID()}`
  const changeLog: CreateTableCommandInput = { ...feed?.changeLog, TableName: `${tableName}-changes` }
  const client = new DynamoDBClient(options)
  const streams = new DynamoDBStreamsClient(options)
  const create = (input: CreateTableCommandInput) => client.send(new CreateTableCommand(input))
  await create({
    ...table,
    TableName: tableName,
    StreamSpecification: { StreamEnabled: true, StreamViewType },
  })
  const { Table } = await client.send(new DescribeTableCommand({ TableName: tableName }))
  return {
    endpoint,
    tableName,
    streamArn: String(Table?.LatestStreamArn),
    client,
    streams,
    environment: {
      APP_MANAGER_DYNAMODB_ENDPOINT: endpoint,
      APP_MANAGER_DYNAMODB_TABLE: tableName,
      APP_MANAGER_DYNAMODB_REGION: 'us-east-1',
      CHANGE_LOG_TABLE: `${tableName}-changes`,
      AWS_ACCESS_KEY_ID: LOCAL_CREDENTIALS.accessKeyId,
      AWS_SECRET_ACCESS_KEY: LOCAL_CREDENTIALS.secretAccessKey,
    },
    async createLog() {
      await create(changeLog)
    },
    async close() {
      await client.send(new DeleteTableCommand({ TableName: tableName }))
      client.destroy()
      streams.destroy()
    },
  }
}
