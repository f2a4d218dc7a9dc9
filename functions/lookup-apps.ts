import { answerBatch, answerPost } from './answer.ts'
import { findBatch } from './batch.ts'
import { callerOf } from './caller.ts'
import { readConfig } from './config.ts'
import { createDynamoDBClient } from './dynamodb.ts'
import { createFinder } from './finder.ts'
import { createJsonHandler } from './pipeline.ts'
import { prime } from './prime.ts'
import { parseLookup } from './request.ts'
import { createTable } from './table.ts'
import { createTelemetry } from './telemetry.ts'

const config = readConfig()
const telemetry = createTelemetry(config)
const { findById, findByKey } = createTable(createDynamoDBClient(config), config.tableName)
const find = {
  id: createFinder(findById, config, telemetry),
  key: createFinder(findByKey, config, telemetry),
}

/** `POST /apps/lookup`: one app by any id or key, or a batch, ten reads at a time under one deadline. */
export const handler = createJsonHandler(async (event, context) => {
  const caller = callerOf(event)
  const { one, batch } = parseLookup(event.body)
  if (one) return answerPost(await find[one.by](one.value, caller.consumer), caller)

  const report = (error: unknown) => telemetry.report(error, { event, context })
  const deadline = Date.now() + config.deadlineMs
  return answerBatch(await findBatch(batch, find, caller, deadline, report))
}, telemetry)

await prime(findById, config)
