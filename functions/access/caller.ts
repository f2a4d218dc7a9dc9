import type { APIGatewayProxyEventV2WithLambdaAuthorizer } from 'aws-lambda'
import { LookupError } from '../lookup-error.ts'

/** What a consumer may see: `full` is the whole app, `public` is the app without what signs or authenticates. */
export type Scope = 'full' | 'public'

/** What the authorizer knows about a token. */
export type Identity = { readonly consumer: string; readonly scope: Scope }

/** An HTTP API event (payload 2.0) that has passed the authorizer. */
export type LookupEvent = APIGatewayProxyEventV2WithLambdaAuthorizer<Partial<Identity> | undefined>

/** The consumer of a request, the gateway's request id, and the `If-None-Match` header. */
export type Caller = Identity & { readonly requestId: string; readonly ifNoneMatch: string | undefined }

/**
 * Returns the caller of an event. An event without the authorizer's context (a test event) has an unknown consumer with
 * scope `public`.
 */
export function callerOf({
  requestContext,
  headers,
}: Pick<LookupEvent, 'requestContext' | 'headers'>): Caller {
  const { consumer, scope } = requestContext?.authorizer?.lambda ?? {}
  const { requestId } = requestContext ?? {}
  const ifNoneMatch = headers?.['if-none-match']
  return {
    consumer: isText(consumer) ? consumer : 'unknown',
    scope: scope === 'full' ? 'full' : 'public',
    requestId: isText(requestId) ? requestId : 'unknown',
    ifNoneMatch: isText(ifNoneMatch) ? ifNoneMatch : undefined,
  }
}

// A test event can have other types than API Gateway's.
function isText(value: unknown): value is string {
  return typeof value === 'string'
}

/** @throws {LookupError} `scope-too-narrow` unless the caller's scope is `full` */
export function requireFullScope({ scope }: Caller): void {
  if (scope !== 'full') throw new LookupError('scope-too-narrow', 'This route needs a token of scope full.')
}
