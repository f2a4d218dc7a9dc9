import { itemOf } from '../../dev/sample-apps.ts'
import type { Item } from '../../functions/item.ts'

/** The number of timed operations in a round, and of untimed ones before them. */
export type Counts = { readonly timed: number; readonly untimed: number }

/** The reason for a lookup: by key to connect, by id to publish. */
export type Use = 'connect' | 'publish'

/** The app that is looked up repeatedly. */
export const WARM_APP = 'warm'

/** Whether an app is in the functions' cache before it is looked up (`held`), or in no cache (`cold`). */
export type Kind = 'cold' | 'held'

/**
 * The ids of apps that are looked up once each, so that they are in no cache: not in soketi's, the adapter's or the
 * functions', which lasts longer than a round. For `held`, other apps are used, because they would still be in the cache
 * when the cold ones are measured.
 */
export function coldApps(kind: Kind, use: Use, round: number, { timed, untimed }: Counts): string[] {
  return Array.from({ length: timed + untimed }, (_, index) => `${kind}-${use}-${round}-${index}`)
}

/** The items of all apps of this number of rounds, stored as in soketi's documentation. */
export function itemsOf(rounds: number, counts: Counts): Item[] {
  const ids = Array.from({ length: rounds }, (_, index) => index + 1).flatMap((round) =>
    (['cold', 'held'] as const).flatMap((kind) => [
      ...coldApps(kind, 'connect', round, counts),
      ...coldApps(kind, 'publish', round, counts),
    ]),
  )
  // More than a thousand connections at the same time.
  return [WARM_APP, ...ids].map((id) => ({ ...itemOf(id), MaxConnections: { N: '-1' } }))
}
