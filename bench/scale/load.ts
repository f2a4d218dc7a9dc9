/** What soketi's nodes ask for, and how everything on the way is set. Times in seconds. */
export type Load = {
  readonly nodes: number
  /** On each node: connections, API requests and webhooks together. */
  readonly lookupsPerSecond: number
  readonly apps: number
  /** 0 is every app alike; 1 is Zipf's law. */
  readonly zipfExponent: number
  /** Which part of the lookups is by id: API requests. Connections and webhooks look up by key. */
  readonly idShare: number
  /** Which part of the lookups asks for an app that does not exist, and for how many different ones. */
  readonly missShare: number
  readonly missingApps: number
  /** Open sockets of a node for each lookup a second (so a node's sockets grow with its lookups). */
  readonly socketsPerLookup: number
  /** Whether apps with open sockets are re-read. */
  readonly rechecks: boolean
  readonly recheckInterval: number
  /** The adapter's. */
  readonly appTtl: number
  readonly missTtl: number
  /** The functions'. */
  readonly functionTtl: number
  readonly functionMissTtl: number
  /** CACHE_MAX_APPS */
  readonly functionMaxApps: number
  readonly regions: number
}

/**
 * The settings' defaults, and a load of which only the parts are guessed: half of the lookups are connections and
 * half are publishes, a connection lasts 400 s, one lookup in a hundred is for one of ten deleted apps.
 */
export const DEFAULTS: Load = {
  nodes: 100,
  lookupsPerSecond: 50,
  apps: 1_000,
  zipfExponent: 1,
  idShare: 0.5,
  missShare: 0.01,
  missingApps: 10,
  socketsPerLookup: 200,
  rechecks: true,
  recheckInterval: 60,
  appTtl: 30,
  missTtl: 5,
  functionTtl: 10,
  functionMissTtl: 2,
  functionMaxApps: 1_000,
  regions: 1,
}

/** Apps that are asked for equally often: how many, and the part of all lookups that each one gets. */
export type Group = { readonly count: number; readonly share: number }

const EXACT_RANKS = 100
const GROWTH = 1.1

/** Apps by Zipf's law, the most popular first; from the hundredth on in groups of about a tenth of their rank. */
export function zipf(apps: number, exponent: number): readonly Group[] {
  const groups: { count: number; weight: number }[] = []
  let total = 0
  for (let rank = 1; rank <= apps; ) {
    const end = rank < EXACT_RANKS ? rank + 1 : Math.min(Math.ceil(rank * GROWTH), apps + 1)
    let weight = 0
    for (let one = rank; one < end; one += 1) weight += one ** -exponent
    groups.push({ count: end - rank, weight })
    total += weight
    rank = end
  }
  return groups.map(({ count, weight }) => ({ count, share: weight / total / count }))
}

/** The sum over groups of something that each app has. */
export function sumOver(groups: readonly Group[], of: (group: Group, i: number) => number): number {
  return groups.reduce((sum, group, i) => sum + group.count * of(group, i), 0)
}
