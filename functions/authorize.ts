import type { APIGatewayRequestAuthorizerEventV2, Context } from 'aws-lambda'
import { readConfig } from './config.ts'
import { type Consumer, identify, parseConsumers } from './consumers.ts'
import { createLog } from './log.ts'
import { createMetrics } from './metrics.ts'

const config = readConfig()
const log = createLog(config)
const metrics = createMetrics(config)

/**
 * The HTTP API's authorizer (payload 2.0, simple responses): who holds this token, if anybody.
 *
 * Each answer is counted, and holds for every request of the next 300 s with the same header.
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

/** A list that does not parse lets nobody in: which of its entries were meant can't be known. */
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
