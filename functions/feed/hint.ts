/**
 * An app may have changed and must be looked up again. A hint does not say what changed, or in which order.
 *
 * `keys` are the hashes of the item's keys before and after the change, absent if the stream does not have them.
 */
export type Hint = { readonly id: string; readonly keys?: readonly string[] }

/** Whether a value from the log is a hint. */
export function isHint(value: unknown): value is Hint {
  if (typeof value !== 'object' || value === null || !('id' in value) || typeof value.id !== 'string')
    return false
  const { keys } = value as { readonly keys?: unknown }
  return keys === undefined || (Array.isArray(keys) && keys.every((key) => typeof key === 'string'))
}
