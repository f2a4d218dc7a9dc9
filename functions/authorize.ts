import type { APIGatewayRequestAuthorizerEventV2, Context } from 'aws-lambda'
import { type Consumer, identify, parseConsumers } from './access/consumers.ts'
import { readConfig } from './config.ts'
import { createLog } from './telemetry/log.ts'
import { createMetrics } from './telemetry/metrics.ts'

const config = readConfig()
const log = createLog(config)
const metrics = createMetrics(config)

/**
 * The HTTP API's authorizer (payload 2.0, simple responses): returns the consumer of a token, or denies the request.
 *
 * Each response is counted. API Gateway caches it for 300 s by the Authorization header.
 */
export const handler = async (
  event: APIGatewayRequestAuthorizerEventV2 | null,
  { functionName }: Context,
) => {
  const identity = identify(event?.identitySource?.[0], consumers ?? [])
  metrics.count(identity?.consumer ?? 'unknown', identity ? 'Allowed' : 'Denied')
  if (consumers === undefined) metrics.count('unknown', 'ConsumersInvalid')
  metrics.countColdStart(functionName)
  metrics.endRequest()
  return identity ? { isAuthorized: true, context: identity } : { isAuthorized: false }
}

const consumers = readConsumers()
metrics.endInit()

/** A list that does not parse denies every request, because it is unknown which entries were meant. */
function readConsumers(): readonly Consumer[] | undefined {
  try {
    const list = parseConsumers(config.consumers)
    if (list.length === 0) log('WARN', 'CONSUMERS is empty: every token is denied.', {})
    return list
  } catch (error) {
    log('ERROR', `CONSUMERS is not valid, so every token is denied. ${(error as Error).message}`, {})
    return undefined
  }
}
