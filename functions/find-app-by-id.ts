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
const { findById } = createTable(createDynamoDBClient(config), config.tableName)
const find = createFinder(findById, config, telemetry)

/** `GET /apps/{appId}`: the app with this id, by GetItem. */
export const handler = createHandler(async (event) => {
  const caller = callerOf(event)
  const id = parsePathParameter(event.pathParameters?.appId)
  return answerGet(await find(id, caller.consumer), caller, config)
}, telemetry)

await prime(findById, config)
