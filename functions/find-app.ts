import { callerOf } from './access/caller.ts'
import { createFinder } from './apps/cached-finder.ts'
import { createTable, type Table } from './apps/table.ts'
import { readConfig } from './config.ts'
import { createDynamoDBClient } from './dynamodb/client.ts'
import { deadlineOf } from './dynamodb/deadline.ts'
import { parsePathParameter } from './http/parse-request.ts'
import { createHandler } from './http/pipeline.ts'
import { respondToGet } from './http/response.ts'
import { NO_APPS, prime, withExample } from './prime.ts'
import { createTelemetry, type Telemetry } from './telemetry/telemetry.ts'

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
      return respondToGet(found, caller, config)
    }, telemetry)
  }
  const telemetry = createTelemetry(config)
  const handler = createRoute(table, telemetry)
  const events = NO_APPS.map((app) => ({ pathParameters: { [parameter]: app } }))
  await prime((telemetry) => createRoute(withExample(table), telemetry), config, events)
  telemetry.endInit()
  return handler
}
