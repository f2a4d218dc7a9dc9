import { answerGet } from './answer.ts'
import { callerOf } from './caller.ts'
import { readConfig } from './config.ts'
import { createDynamoDBClient } from './dynamodb.ts'
import { createFinder } from './finder.ts'
import { createHandler } from './pipeline.ts'
import { NO_APPS, prime } from './prime.ts'
import { parsePathParameter } from './request.ts'
import { createTable, type Table } from './table.ts'
import { createTelemetry, type Telemetry } from './telemetry.ts'

const config = readConfig()
const table = createTable(createDynamoDBClient(config), config.tableName)

/** `GET /apps/by-key/{appKey}`: the app with this key, by Query on AppKeyIndex. */
export const handler = createRoute(table, createTelemetry(config))

await prime(
  createRoute,
  table,
  config,
  NO_APPS.map((appKey) => ({ pathParameters: { appKey } })),
)

function createRoute({ findByKey }: Table, telemetry: Telemetry) {
  const find = createFinder(findByKey, config, telemetry)
  return createHandler(async (event) => {
    const caller = callerOf(event)
    const key = parsePathParameter(event.pathParameters?.appKey)
    return answerGet(await find(key, caller.consumer), caller, config)
  }, telemetry)
}
