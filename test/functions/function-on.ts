import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda'
import { afterEach } from 'vitest'
import { LOCAL_CREDENTIALS } from '../../dev/embedded-dynamodb.ts'
import { eventOf } from '../contract/event.ts'
import type { Row } from '../contract/row.ts'
import { rowOf } from '../contract/rows.ts'
import type { WireRequest, WireResponse } from '../support/http.ts'
import { CONTEXT, type Handler, loadHandler } from '../support/load-handler.ts'
import {
  type MisbehavingDynamoDB,
  type Misbehaviour,
  startMisbehavingDynamoDB,
} from '../support/misbehaving-dynamodb.ts'

/** A function in front of a DynamoDB that misbehaves. */
export type FunctionOn = {
  readonly dynamodb: MisbehavingDynamoDB
  /** Invokes the function with the named event or with a request; `remainingMs` is the time that Lambda leaves. */
  invoke(what: string | WireRequest, remainingMs?: number): Promise<Invoked>
}

/** The response of a function, and its duration in ms. */
export type Invoked = { readonly wire: WireResponse; readonly ms: number }

/** The environment of a function that reads a DynamoDB at this endpoint. */
export const environmentOf = (endpoint: string, variables: Readonly<Record<string, string>> = {}) => ({
  APP_MANAGER_DYNAMODB_ENDPOINT: endpoint,
  AWS_ACCESS_KEY_ID: LOCAL_CREDENTIALS.accessKeyId,
  AWS_SECRET_ACCESS_KEY: LOCAL_CREDENTIALS.secretAccessKey,
  PRIME: 'off',
  ...variables,
})

/** Returns a function that starts a Lambda function on a misbehaving DynamoDB, which is closed after the test. */
export function functionsOnDynamoDB() {
  const started: MisbehavingDynamoDB[] = []
  afterEach(async () => {
    for (const dynamodb of started.splice(0)) await dynamodb.close()
  })
  return async (misbehave: Misbehaviour, name = 'FindAppById', variables = {}): Promise<FunctionOn> => {
    const dynamodb = await startMisbehavingDynamoDB(misbehave)
    started.push(dynamodb)
    const handler = await loadHandler(name, environmentOf(dynamodb.endpoint, variables))
    return { dynamodb, invoke: (what, remainingMs) => invokeHandler(handler, what, remainingMs) }
  }
}

/** Invokes a handler with the event of this name, or with that of a request. */
async function invokeHandler(
  handler: Handler,
  what: string | WireRequest,
  remainingMs = 5000,
): Promise<Invoked> {
  const event = eventOf(typeof what === 'string' ? rowOf(what) : (what as Row))
  const startedAt = performance.now()
  const result = await handler(event, { ...CONTEXT, getRemainingTimeInMillis: () => remainingMs })
  const { statusCode = 0, headers = {}, body = '' } = result as APIGatewayProxyStructuredResultV2
  return {
    wire: { status: statusCode, headers: headers as Record<string, string>, body },
    ms: performance.now() - startedAt,
  }
}
