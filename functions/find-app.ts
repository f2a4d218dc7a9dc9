import { createFinder } from './cached-finder.ts'
import { callerOf } from './caller.ts'
import { readConfig } from './config.ts'
import { deadlineOf } from './deadline.ts'
import { createDynamoDBClient } from './dynamodb.ts'
import { parsePathParameter } from './parse-request.ts'
import { createHandler } from './pipeline.ts'
import { NO_APPS, prime, withExample } from './prime.ts'
import { answerGet } from './response.ts'
import { createTable, type Table } from './table.ts'
import { createTelemetry, type Telemetry } from './telemetry.ts'

/**
 * Starts a function that handles GETs for one app, by id or by key.
 *
 * @param by how the table is read
 * @param parameter the path parameter with the id or key
 * @returns the Lambda handler, primed
 */
export async function startFindApp(by: keyof Table, parameter: 'appId' | 'appKey') {
  const config = readConfig()
  const table = createTable(createDynamoDBClient(config), config.tableName)

  const createRoute = (table: Table, telemetry: Telemetry) => {
    const find = createFinder(table[by], config, telemetry)
    return createHandler(async (event, context) => {
      const caller = callerOf(event)
      const value = parsePathParameter(event.pathParameters?.[parameter])
      const found = await find(value, caller.consumer, { deadline: deadlineOf(config, context) })
      return answerGet(found, caller, config)
    }, telemetry)
  }
  const telemetry = createTelemetry(config)
  const handler = createRoute(table, telemetry)
  const events = NO_APPS.map((app) => ({ pathParameters: { [parameter]: app } }))
  await prime((telemetry) => createRoute(withExample(table), telemetry), config, events)
  telemetry.endInit()
  return handler
}
