import { readConfig } from './config.ts'
import { createDynamoDBClient } from './dynamodb/client.ts'
import { createChangeLogReader, createChangeLogWriter } from './feed/change-log.ts'
import { createRecorder } from './feed/recorder.ts'

const config = readConfig()
const client = createDynamoDBClient(config)
const tableName = config.changeLogTable ?? ''

/** Handles the table's stream: appends the changed apps to the change log, by Query and PutItem. */
export const handler = createRecorder(config, {
  ...createChangeLogReader(client, tableName),
  ...createChangeLogWriter(client, tableName),
})
