import { callerOf, requireFullScope } from './access/caller.ts'
import { readConfig } from './config.ts'
import { createDynamoDBClient } from './dynamodb/client.ts'
import { deadlineOf } from './dynamodb/deadline.ts'
import { createChangeLogReader } from './feed/change-log.ts'
import { formatCursor, NO_CURSOR } from './feed/cursor.ts'
import { createFeed } from './feed/poll.ts'
import { createHandler } from './http/pipeline.ts'
import { respondToPoll } from './http/response.ts'
import { prime } from './prime.ts'
import { createTelemetry, type Telemetry } from './telemetry/telemetry.ts'

const config = readConfig()
const log = config.changeLogTable
  ? createChangeLogReader(createDynamoDBClient(config), config.changeLogTable)
  : undefined
const telemetry = createTelemetry(config)

/** `GET /changes`: the apps that changed since a cursor, from the change log, by one or two Queries. */
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
    return respondToPoll(await poll(event.queryStringParameters?.since, deadlineOf(config, context)))
  }, telemetry)
}
