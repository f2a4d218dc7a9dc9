import middy, { type MiddlewareObj } from '@middy/core'
import httpHeaderNormalizer from '@middy/http-header-normalizer'
import httpJsonBodyParser from '@middy/http-json-body-parser'
import type { Context } from 'aws-lambda'
import { type Answer, answerError } from './answer.ts'
import { callerOf, type LookupEvent } from './caller.ts'
import { LookupError } from './lookup-error.ts'
import type { Telemetry } from './telemetry.ts'

/** The largest body that is read, in bytes when decoded. */
export const MAX_BODY_BYTES = 64 * 1024

/** An event whose body has been parsed. */
export type JsonEvent = Omit<LookupEvent, 'body'> & { readonly body: unknown }

export type Route<E = LookupEvent> = (event: E, context: Context) => Promise<Answer>

/** The Lambda handler for a route: header names in lower case, and every failure an answer. */
export function createHandler(route: Route, telemetry: Telemetry) {
  return build(route, telemetry, [])
}

/** The same for a route with a JSON body, which it gets parsed. */
export function createJsonHandler(route: Route<JsonEvent>, telemetry: Telemetry) {
  return build(route as Route, telemetry, [limitBody, httpJsonBodyParser() as MiddlewareObj<LookupEvent>])
}

function build(route: Route, telemetry: Telemetry, before: MiddlewareObj<LookupEvent, Answer>[]) {
  const requestEnd = ({ context }: { readonly context: Context }) => {
    telemetry.countColdStart(context.functionName)
    telemetry.endRequest()
  }
  return middy<LookupEvent, Answer>({ requestEnd })
    .use(httpHeaderNormalizer() as MiddlewareObj<LookupEvent, Answer>)
    .use(before)
    .handler(route)
    .onError((request) => {
      request.response = answerError(
        telemetry.report(request.error, request),
        callerOf(request.event).requestId,
      )
    })
}

const limitBody: MiddlewareObj<LookupEvent, Answer> = {
  before({ event: { body = '', isBase64Encoded } }) {
    if (Buffer.byteLength(body, isBase64Encoded ? 'base64' : 'utf8') > MAX_BODY_BYTES)
      throw new LookupError('body-too-large', `The body is larger than ${MAX_BODY_BYTES} bytes.`)
  },
}
