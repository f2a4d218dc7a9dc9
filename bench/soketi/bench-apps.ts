import { itemOf } from '../../dev/sample-apps.ts'
import type { Item } from '../../functions/apps/item.ts'

/** The number of timed operations in a round, and of untimed ones before them. */
export type Counts = { readonly timed: number; readonly untimed: number }

/** The reason for a lookup: by key to connect, by id to publish. */
export type Use = 'connect' | 'publish'

/** The app that is looked up repeatedly. */
export const WARM_APP = 'warm'

/** The ids of apps that are looked up once each, so that they are in no cache of soketi, the adapter or the functions. */
export function coldApps(use: Use, round: number, { timed, untimed }: Counts): string[] {
  return Array.from({ length: timed + untimed }, (_, index) => `cold-${use}-${round}-${index}`)
}

/** The items of all apps of this number of rounds, stored as in soketi's documentation. */
export function itemsOf(rounds: number, counts: Counts): Item[] {
  const cold = Array.from({ length: rounds }, (_, index) => [
    ...coldApps('connect', index + 1, counts),
    ...coldApps('publish', index + 1, counts),
  ])
  // More than a thousand connections at the same time.
  return [WARM_APP, ...cold.flat()].map((id) => ({ ...itemOf(id), MaxConnections: { N: '-1' } }))
}
