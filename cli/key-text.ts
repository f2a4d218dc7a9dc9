import { MAX_KEY_BYTES } from '../functions/parse-request.ts'
import { Failure } from './failure.ts'

/**
 * Does nothing if the text can be the value of a key attribute. DynamoDB's error for any other does not say which
 * value it is about.
 *
 * @throws {Failure} that names the attribute
 */
export function requireKeyText(attribute: 'AppId' | 'AppKey', text: string): void {
  if (text !== '' && text.isWellFormed() && Buffer.byteLength(text) <= MAX_KEY_BYTES) return
  throw new Failure(
    `${attribute} is not 1 to ${MAX_KEY_BYTES} bytes of Unicode text, DynamoDB's limit for a key.`,
  )
}
