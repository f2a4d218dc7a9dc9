/** The lookups of the soketi nodes. */
export type Load = {
  readonly nodes: number
  /** On each node: connections, API requests and webhooks together. */
  readonly lookupsPerSecond: number
  /** Every node uses all of them, with Zipf's law as the distribution. */
  readonly apps: number
  /** The share of lookups of names that no app has, and the number of such names. */
  readonly unknownShare: number
  readonly unknownNames: number
  /** Open sockets of a node for each lookup a second. */
  readonly socketsPerLookup: number
  readonly changesPerHour: number
}

/** It is assumed that half of the lookups are connections, and that a connection lasts 400 s. */
export const DEFAULT_LOAD: Load = {
  nodes: 100,
  lookupsPerSecond: 50,
  apps: 1_000,
  unknownShare: 0.01,
  unknownNames: 10,
  socketsPerLookup: 200,
  changesPerHour: 10,
}

/** Apps with the same popularity: their number, and the share of all lookups of each. */
export type Group = { readonly count: number; readonly share: number }

const EXACT_RANKS = 100
const GROWTH = 1.1

/** Apps by Zipf's law (exponent 1), the most popular first; from the hundredth on in groups of a tenth of their rank. */
export function zipf(apps: number): readonly Group[] {
  const groups: { count: number; weight: number }[] = []
  for (let rank = 1; rank <= apps; ) {
    const end = rank < EXACT_RANKS ? rank + 1 : Math.min(Math.ceil(rank * GROWTH), apps + 1)
    let weight = 0
    for (let one = rank; one < end; one += 1) weight += 1 / one
    groups.push({ count: end - rank, weight })
    rank = end
  }
  const total = groups.reduce((sum, { weight }) => sum + weight, 0)
  return groups.map(({ count, weight }) => ({ count, share: weight / total / count }))
}
