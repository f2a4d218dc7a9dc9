import middy, { type MiddlewareObj } from '@middy/core'
import httpHeaderNormalizer from '@middy/http-header-normalizer'
import type { Context } from 'aws-lambda'
import { callerOf, type LookupEvent } from '../access/caller.ts'
import type { Telemetry } from '../telemetry/telemetry.ts'
import { type ProxyResponse, respondWithError } from './response.ts'

/** Handles one request. It may throw: {@link createHandler} turns errors into responses. */
export type Route = (event: LookupEvent, context: Context) => Promise<ProxyResponse>

/**
 * Returns the Lambda handler for a route. It lower-cases header names, and responds to every error and to any event.
 *
 * @param before middleware that runs before the route
 */
export function createHandler(
  route: Route,
  telemetry: Telemetry,
  before: readonly MiddlewareObj<LookupEvent, ProxyResponse>[] = [],
) {
  const requestEnd = ({ context }: { readonly context: Context }) => {
    telemetry.countColdStart(context.functionName)
    telemetry.endRequest()
  }
  const handler = middy<LookupEvent, ProxyResponse>({ requestEnd })
    .use([httpHeaderNormalizer() as MiddlewareObj<LookupEvent, ProxyResponse>, ...before])
    .handler(route)
    .onError((request) => {
      request.response = respondWithError(
        telemetry.report(request.error, request),
        callerOf(request.event).requestId,
      )
    })
  // API Gateway sends an object, but another caller can send any JSON.
  return (event: LookupEvent, context: Context) =>
    handler(typeof event === 'object' && event !== null ? event : ({} as LookupEvent), context)
}
