import { callerOf, requireFullScope } from './caller.ts'
import { createChangeLogReader } from './change-log.ts'
import { readConfig } from './config.ts'
import { formatCursor, NO_CURSOR } from './cursor.ts'
import { deadlineOf } from './deadline.ts'
import { createDynamoDBClient } from './dynamodb.ts'
import { createHandler } from './pipeline.ts'
import { createFeed } from './poll.ts'
import { prime } from './prime.ts'
import { answerChanges } from './response.ts'
import { createTelemetry, type Telemetry } from './telemetry.ts'

const config = readConfig()
const log = config.changeLogTable
  ? createChangeLogReader(createDynamoDBClient(config), config.changeLogTable)
  : undefined
const telemetry = createTelemetry(config)

/** `GET /changes`: the apps that changed since a cursor, from the change log, by one Query. */
export const handler = createRoute(telemetry)

const requestContext = { authorizer: { lambda: { scope: 'full' } } }
await prime(createRoute, config, [
  { requestContext },
  { requestContext, queryStringParameters: { since: formatCursor(NO_CURSOR) } },
])
telemetry.endInit()

function createRoute(telemetry: Telemetry) {
  const poll = createFeed(log)
  return createHandler(async (event, context) => {
    requireFullScope(callerOf(event))
    return answerChanges(await poll(event.queryStringParameters?.since, deadlineOf(config, context)))
  }, telemetry)
}
