import { answerGet } from './answer.ts'
import { callerOf } from './caller.ts'
import { readConfig } from './config.ts'
import { createDynamoDBClient } from './dynamodb.ts'
import { createFinder } from './finder.ts'
import { createHandler } from './pipeline.ts'
import { prime } from './prime.ts'
import { parsePathParameter } from './request.ts'
import { createTable } from './table.ts'
import { createTelemetry } from './telemetry.ts'

const config = readConfig()
const telemetry = createTelemetry(config)
const { findByKey } = createTable(createDynamoDBClient(config), config.tableName)
const find = createFinder(findByKey, config, telemetry)

/** `GET /apps/by-key/{appKey}`: the app with this key, by Query on AppKeyIndex. */
export const handler = createHandler(async (event) => {
  const caller = callerOf(event)
  const key = parsePathParameter(event.pathParameters?.appKey)
  return answerGet(await find(key, caller.consumer), caller, config)
}, telemetry)

await prime(findByKey, config)
