import type { LookupEvent } from './caller.ts'
import { LookupError } from './lookup-error.ts'

/** The largest body that is read, in bytes when decoded. */
export const MAX_BODY_BYTES = 64 * 1024

/**
 * Parses the JSON body of a request.
 *
 * @throws {LookupError} `body-too-large`, `unsupported-media-type`, or `invalid-request` if it is not JSON in UTF-8
 */
export function parseBody(event: Pick<LookupEvent, 'body' | 'headers' | 'isBase64Encoded'>): unknown {
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
  // Decoders replace bytes that are not UTF-8 with this character, here and in API Gateway.
  if (text.includes('\ufffd'))
    throw new LookupError(
      'invalid-request',
      'The body is not UTF-8, or has U+FFFD in it; write that character as \\ufffd.',
    )
  return parseJson(text)
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new LookupError('invalid-request', 'The body is not JSON.')
  }
}
