import { itemOf } from '../../dev/sample-apps.ts'
import type { Item } from '../../functions/item.ts'

/** How often something is timed in a round, and how often it is done before that, untimed. */
export type Counts = { readonly timed: number; readonly untimed: number }

/** What an app is looked up for: by its key to connect, by its id to publish. */
export type Use = 'connect' | 'publish'

/** The app that is looked up again and again. */
export const WARM_APP = 'warm'

/** Whether the functions hold an app before it is looked up (`held`), or nobody does (`cold`). */
export type Kind = 'cold' | 'held'

/**
 * The ids of the apps that are looked up once each, so that no cache can hold them: neither soketi's, nor the
 * adapter's, nor the functions', which outlives a round. Those that the functions are to hold are others: they
 * would still hold them when the cold ones are measured a moment later.
 */
export function coldApps(kind: Kind, use: Use, round: number, { timed, untimed }: Counts): string[] {
  return Array.from({ length: timed + untimed }, (_, index) => `${kind}-${use}-${round}-${index}`)
}

/** The items of all apps of this many rounds, stored as soketi documents it. */
export function itemsOf(rounds: number, counts: Counts): Item[] {
  const ids = Array.from({ length: rounds }, (_, index) => index + 1).flatMap((round) =>
    (['cold', 'held'] as const).flatMap((kind) => [
      ...coldApps(kind, 'connect', round, counts),
      ...coldApps(kind, 'publish', round, counts),
    ]),
  )
  // A thousand connections and more at a time.
  return [WARM_APP, ...ids].map((id) => ({ ...itemOf(id), MaxConnections: { N: '-1' } }))
}
