import type { MiddlewareObj } from '@middy/core'
import httpJsonBodyParser from '@middy/http-json-body-parser'
import type { LookupEvent } from '../access/caller.ts'
import { LookupError } from '../lookup-error.ts'
import type { ProxyResponse } from './response.ts'

/** The largest body that is read, in bytes when decoded. */
export const MAX_BODY_BYTES = 64 * 1024

// checkBody checks the content type, because the parser throws the same error for a wrong type and for invalid JSON.
// The option is missing in the parser's types. https://middy.js.org/docs/middlewares/http-json-body-parser
const parser = httpJsonBodyParser<LookupEvent>({ disableContentTypeCheck: true } as object)

/**
 * Middleware that replaces the body of an event by its parsed JSON.
 *
 * @throws {LookupError} `body-too-large`, `unsupported-media-type`, or `invalid-request` if it is not JSON in UTF-8
 */
export const jsonBody: MiddlewareObj<LookupEvent, ProxyResponse> = {
  async before(request) {
    checkBody(request.event)
    try {
      await parser.before?.(request)
    } catch {
      // The parser's error is not passed on as the cause, because it contains the body.
      throw new LookupError('invalid-request', 'The body is not JSON.')
    }
  },
}

function checkBody(event: Pick<LookupEvent, 'body' | 'headers' | 'isBase64Encoded'>): void {
  const body = typeof event.body === 'string' ? event.body : ''
  const encoding = event.isBase64Encoded ? 'base64' : 'utf8'
  if (Buffer.byteLength(body, encoding) > MAX_BODY_BYTES)
    throw new LookupError('body-too-large', `The body is larger than ${MAX_BODY_BYTES} bytes.`)
  const type: unknown = event.headers?.['content-type']
  if (typeof type !== 'string' || !/^application\/([a-z0-9.+-]+\+)?json\s*(;|$)/i.test(type))
    throw new LookupError(
      'unsupported-media-type',
      'The body must be sent with Content-Type: application/json.',
    )
  const text = event.isBase64Encoded ? Buffer.from(body, 'base64').toString() : body
  // Buffer and API Gateway replace bytes that are not UTF-8 with this character.
  if (text.includes('\ufffd'))
    throw new LookupError(
      'invalid-request',
      'The body is not UTF-8, or has U+FFFD in it; write that character as \\ufffd.',
    )
}
