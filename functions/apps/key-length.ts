/** The longest id or key in bytes of UTF-8, which is DynamoDB's limit for a partition key. */
export const MAX_KEY_BYTES = 2048

/** Whether DynamoDB accepts a text of this length as a key. */
export function hasKeyLength(text: string): boolean {
  return text !== '' && Buffer.byteLength(text) <= MAX_KEY_BYTES
}
