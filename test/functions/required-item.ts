import { decodeItem, type Item } from '../../functions/apps/item.ts'
import { LookupError } from '../../functions/lookup-error.ts'

/** An item with the required attributes only, and the app that it is. */
export const REQUIRED: Item = { AppId: { S: 'id' }, AppKey: { S: 'key' }, AppSecret: { S: 'the-secret' } }
export const DECODED = { id: 'id', key: 'key', secret: 'the-secret', enabled: true }

/** A binary attribute with a byte for each character. */
export const bytes = (text: string) => ({ B: Buffer.from(text, 'latin1') })

/** The error for an item that can't be decoded. */
export function failureOf(item: Item): LookupError {
  try {
    decodeItem(item)
  } catch (error) {
    if (error instanceof LookupError) return error
    throw error
  }
  throw new Error('The item was decoded.')
}
