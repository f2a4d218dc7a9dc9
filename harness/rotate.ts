import type { Item } from '../functions/apps/item.ts'
import type { Endpoint } from './local-endpoint.ts'

/**
 * Replaces an app's secret with `new`, and keeps the old one for so long. Resolves to when that ends, as epoch time in ms.
 */
export async function rotate(
  endpoint: Endpoint,
  id: string,
  graceS: number,
  attributes: Item = {},
): Promise<number> {
  const endsAt = Math.floor(Date.now() / 1_000) + graceS
  await endpoint.put(id, {
    AppSecret: { S: 'new' },
    PreviousAppSecret: { S: `${id}-secret` },
    PreviousAppSecretUntil: { N: String(endsAt) },
    ...attributes,
  })
  return endsAt * 1_000
}
