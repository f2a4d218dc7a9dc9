/** What soketi's nodes look up. */
export type Load = {
  readonly nodes: number
  /** On each node: connections, API requests and webhooks together. */
  readonly lookupsPerSecond: number
  /** Each of them is used on every node, by Zipf's law. */
  readonly apps: number
  /** Which part of the lookups is of a name that no app has, and how many such names there are. */
  readonly unknownShare: number
  readonly unknownNames: number
  /** Open sockets of a node for each lookup a second. */
  readonly socketsPerLookup: number
  readonly changesPerHour: number
}

/** Half of the lookups are connections, and a connection lasts 400 s: so much is assumed. */
export const DEFAULT_LOAD: Load = {
  nodes: 100,
  lookupsPerSecond: 50,
  apps: 1_000,
  unknownShare: 0.01,
  unknownNames: 10,
  socketsPerLookup: 200,
  changesPerHour: 10,
}

/** Apps that are looked up equally often: how many, and the part of all lookups that each one gets. */
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
