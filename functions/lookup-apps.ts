import { callerOf } from './access/caller.ts'
import { createFinder } from './apps/cached-finder.ts'
import { createTable, type Table } from './apps/table.ts'
import { readConfig } from './config.ts'
import { createDynamoDBClient } from './dynamodb/client.ts'
import { deadlineOf } from './dynamodb/deadline.ts'
import { findBatch } from './http/batch.ts'
import { jsonBody } from './http/body.ts'
import { parseLookup } from './http/parse-request.ts'
import { createHandler, type Route } from './http/pipeline.ts'
import { respondToBatch, respondToPost } from './http/response.ts'
import { NO_APPS, prime, withExample } from './prime.ts'
import { createTelemetry, type Telemetry } from './telemetry/telemetry.ts'

const config = readConfig()
const table = createTable(createDynamoDBClient(config), config.tableName)
const telemetry = createTelemetry(config)

/** `POST /apps/lookup`: one app by any id or key, or a batch, ten reads at a time under one deadline. */
export const handler = createRoute(table, telemetry)

const [id, key] = NO_APPS
const headers = { 'content-type': 'application/json' }
await prime(
  (telemetry) => createRoute(withExample(table), telemetry),
  config,
  [{ id }, { key }].map((wanted) => ({ headers, body: JSON.stringify(wanted) })),
)
telemetry.endInit()

function createRoute({ findById, findByKey }: Table, telemetry: Telemetry) {
  const find = {
    id: createFinder(findById, config, telemetry),
    key: createFinder(findByKey, config, telemetry),
  }
  const route: Route = async (event, context) => {
    const caller = callerOf(event)
    const { one, batch } = parseLookup(event.body)
    const deadline = deadlineOf(config, context)
    if (one) {
      const { by, value, consistent } = one
      return respondToPost(await find[by](value, caller.consumer, { deadline, consistent }), caller)
    }
    const report = (error: unknown) => telemetry.report(error, { event, context })
    return respondToBatch(await findBatch(batch, find, caller, deadline, report))
  }
  return createHandler(route, telemetry, [jsonBody])
}
