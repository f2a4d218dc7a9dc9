/**
 * That an app may have changed: look it up again. It says neither what changed nor in which order.
 *
 * `keys` are the hashes of the keys that the item had before and after, absent where the stream does not tell.
 */
export type Hint = { readonly id: string; readonly keys?: readonly string[] }

/** Whether this is a hint, for what was read back from the log. */
export function isHint(value: unknown): value is Hint {
  if (typeof value !== 'object' || value === null || !('id' in value) || typeof value.id !== 'string')
    return false
  const { keys } = value as { readonly keys?: unknown }
  return keys === undefined || (Array.isArray(keys) && keys.every((key) => typeof key === 'string'))
}
