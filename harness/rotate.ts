import type { Item } from '../functions/apps/item.ts'
import type { Endpoint } from './local-endpoint.ts'

/** The attributes of an app whose secret before this one is accepted for so long. */
export const previousSecret = (secret: string, graceS: number): Item => ({
  PreviousAppSecret: { S: secret },
  PreviousAppSecretUntil: { N: String(Math.floor(Date.now() / 1_000) + graceS) },
})

/**
 * Replaces an app's secret with `new`, and keeps the old one for so long. Resolves to when that ends, as epoch time in ms.
 */
export async function rotate(
  endpoint: Endpoint,
  id: string,
  graceS: number,
  attributes: Item = {},
): Promise<number> {
  const previous = previousSecret(`${id}-secret`, graceS)
  await endpoint.put(id, { AppSecret: { S: 'new' }, ...previous, ...attributes })
  return Number(previous.PreviousAppSecretUntil?.N) * 1_000
}
