import { hasKeyLength, MAX_KEY_BYTES } from '../../functions/apps/key-length.ts'
import { Failure } from '../terminal/failure.ts'

/**
 * Checks that the text can be the value of a key attribute. DynamoDB's own error does not say which value is wrong.
 *
 * @throws {Failure} that names the attribute
 */
export function requireKeyText(attribute: 'AppId' | 'AppKey', text: string): void {
  if (text.isWellFormed() && hasKeyLength(text)) return
  throw new Failure(
    `${attribute} is not 1 to ${MAX_KEY_BYTES} bytes of Unicode text, DynamoDB's limit for a key.`,
  )
}
