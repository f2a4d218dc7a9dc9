import { type Load, zipf } from './load.ts'
import { measured } from './measured.ts'
import { dollarsPerMonth, type Usage } from './prices.ts'

/** How the adapter is set; times in seconds. */
export type Settings = {
  /** How long an app, and the absence of an app, is used. With a feed, how long it is followed. */
  readonly appTtl: number
  readonly negativeTtl: number
  /** Seconds from one poll of the change feed to the next; absent without a feed. */
  readonly pollInterval?: number
}

/** Requests to the endpoint from all nodes, per second on average. */
export type Traffic = {
  /** Single lookups: of an app that is not in the node's cache, or of a name that no app has. */
  readonly lookups: number
  /** Requests that revalidate up to 100 apps each, the number of apps, and of those that are read consistently. */
  readonly batches: number
  readonly revalidated: number
  readonly consistent: number
  readonly polls: number
}

/**
 * The adapter's queue (adapter/lookup/refresh/due.ts): at most 100 apps per batch and, below 100 changes a second, one batch
 * per second; times in seconds.
 */
const BATCH = 100
const USED_WITHIN = 900
const SOCKET_INTERVAL = 55
/**
 * Log bytes of a lookup that reads, of a batch of 100 apps, and of a poll: the line of the API and the metrics of the
 * function, which a poll does not have. test/operator/log-bytes.test.ts compares them with real lines.
 */
export const LOG_BYTES = { lookup: 656, batch: 1046, poll: 286 }
/** Processor time of a function for each item that it reads. */
const CPU_SECONDS = {
  lookup: measured('functions', 'lookup', 'miss CPU µs') / 1e6,
  inBatch: measured('functions', 'consistent batch of 100', 'miss CPU µs') / 1e6 / 100,
  poll: measured('functions', 'poll of the change feed', 'miss CPU µs') / 1e6,
}
/** Read units of an eventually consistent read of up to 4 KB; a consistent one takes twice as many. */
const READ_UNITS = 0.5

/** Dollars a month with soketi's own DynamoDB driver: a read for each lookup, because its cache is off by default. */
export function ownDriverDollars({ nodes, lookupsPerSecond }: Load): number {
  return dollarsOfReads(nodes * lookupsPerSecond)
}

/**
 * The same with its cache: every node keeps an app for `ttl` seconds, by id and by key separately (half of the lookups are
 * by id), and reads DynamoDB each time if the app does not exist.
 */
export function cachedDriverDollars(
  { nodes, lookupsPerSecond, apps, unknownShare }: Load,
  ttl: number,
): number {
  const readsOfApp = (share: number) => {
    const rate = (lookupsPerSecond * (1 - unknownShare) * share) / 2
    return 2 * readsBehind(rate, ttl)
  }
  const known = zipf(apps).reduce((sum, { count, share }) => sum + count * readsOfApp(share), 0)
  return dollarsOfReads(nodes * (known + lookupsPerSecond * unknownShare))
}

/** Dollars a month with the endpoint. */
export function endpointDollars(load: Load, settings: Settings): number {
  const { lookups, batches, revalidated, consistent, polls } = trafficOf(load, settings)
  // An environment reads the change log at most once per second. There is one environment: few polls run at the same time.
  const pollReads = Math.min(1, polls)
  return dollarsPerMonth({
    requests: lookups + batches + polls,
    functionSeconds:
      lookups * secondsOf(1, CPU_SECONDS.lookup) +
      batches * secondsOf(revalidated / batches, CPU_SECONDS.inBatch) +
      polls * secondsOf(pollReads / polls || 0, CPU_SECONDS.poll),
    readUnits: (lookups + revalidated + consistent + 2 * pollReads) * READ_UNITS,
    logBytes: lookups * LOG_BYTES.lookup + batches * LOG_BYTES.batch + polls * LOG_BYTES.poll,
  })
}

/** The requests that reach the endpoint. */
export function trafficOf(load: Load, settings: Settings): Traffic {
  const { nodes, lookupsPerSecond, unknownShare, unknownNames } = load
  const { fetched, batches, revalidated, consistent } =
    settings.pollInterval === undefined ? withTtls(load, settings) : whileFollowing(load, settings)
  const unknown = (lookupsPerSecond * unknownShare) / unknownNames
  return {
    lookups: nodes * (fetched + unknownNames * readsBehind(unknown, settings.negativeTtl)),
    batches: nodes * batches,
    revalidated: nodes * revalidated,
    consistent: nodes * consistent,
    polls: settings.pollInterval === undefined ? 0 : nodes / settings.pollInterval,
  }
}

/** Of one node: lookups of apps that are not in its cache, and batches. */
type AppTraffic = Omit<Traffic, 'lookups' | 'polls'> & { readonly fetched: number }

/**
 * Every app that was looked up stays in the cache. It is read again in batches before its time ends, and consistently after
 * a change, from which its time starts again.
 */
function whileFollowing({ apps, changesPerHour }: Load, { appTtl, pollInterval = 5 }: Settings): AppTraffic {
  const period = 0.9 * appTtl
  const changes = changesPerHour / 3600
  // The changes of one poll are read in one batch.
  const changeBatches = -Math.expm1(-changes * pollInterval) / pollInterval
  // Apps that do not change in a period, under Poisson changes.
  const renewals = changes === 0 ? apps / period : changes / Math.expm1((changes / apps) * period)
  return {
    fetched: 0,
    batches: Math.max(1 / period, renewals / BATCH) + changeBatches,
    revalidated: renewals + changes,
    consistent: changes,
  }
}

/**
 * An app that was used within 15 minutes is read again after seven tenths of its TTL. Other apps with open sockets are read
 * again at a longer interval. If this takes more than one batch per second, apps with sockets come first, and lookups read
 * the apps that have expired.
 */
function withTtls(load: Load, { appTtl }: Settings): AppTraffic {
  const period = 0.72 * appTtl
  const groups = zipf(load.apps).map(({ count, share }) => {
    const rate = load.lookupsPerSecond * (1 - load.unknownShare) * share
    const withSocket = count * -Math.expm1(-load.socketsPerLookup * load.lookupsPerSecond * share)
    return { rate, used: -Math.expm1(-rate * USED_WITHIN), withSocket, without: count - withSocket }
  })
  const sum = (of: (group: (typeof groups)[number]) => number) =>
    groups.reduce((total, group) => total + of(group), 0)

  const dueWithSocket = sum(
    ({ used, withSocket }) => withSocket * (used / period + (1 - used) / SOCKET_INTERVAL),
  )
  const dueWithout = sum(({ used, without }) => (without * used) / period)
  const revalidated = Math.min(BATCH, dueWithSocket + dueWithout)
  // The time between two reads of an app by the queue.
  const roundWithSocket = period * Math.max(1, dueWithSocket / BATCH)
  const roundWithout = period * Math.max(1, dueWithout / Math.max(1e-9, BATCH - dueWithSocket))
  const keptApps = sum(({ used, withSocket, without }) => withSocket + without * used)
  return {
    revalidated,
    consistent: 0,
    batches: Math.max(revalidated / BATCH, Math.min(1, keptApps) / period),
    fetched: sum(
      ({ rate, used, withSocket, without }) =>
        withSocket * used * fetchesOf(rate, appTtl, roundWithSocket) +
        without * used * fetchesOf(rate, appTtl, roundWithout) +
        (1 - used) * rate * (without + withSocket * Math.max(0, 1 - appTtl / SOCKET_INTERVAL)),
    ),
  }
}

/** How often per second a lookup finds that an app has expired, although the queue reads it once per round. */
function fetchesOf(rate: number, ttl: number, round: number): number {
  const isLookedUp = -Math.expm1(-rate * Math.max(0, round - ttl))
  return isLookedUp === 0 ? 0 : isLookedUp / (ttl + isLookedUp / rate)
}

/**
 * Reads per second of one key behind a cache with this TTL in seconds, under Poisson arrivals: after each read comes the
 * TTL, then the wait for the next arrival.
 * Jung, Berger, Balakrishnan: Modeling TTL-based Internet Caches, INFOCOM 2003.
 */
function readsBehind(rate: number, ttl: number): number {
  return rate / (1 + rate * ttl)
}

/**
 * The billed duration of a request, in seconds, that reads this number of items, ten at a time: the processor time at
 * 512 MB (0.29 vCPU), 4 ms for DynamoDB (assumed; "single-digit milliseconds": https://aws.amazon.com/dynamodb/) and 1.5 ms
 * for the runtime (assumed).
 */
function secondsOf(reads: number, cpuSeconds: number): number {
  return 0.0015 + (cpuSeconds / 0.29) * reads + 0.004 * (reads < 1 ? reads : Math.ceil(reads / 10))
}

function dollarsOfReads(reads: number): number {
  const usage: Usage = { requests: 0, functionSeconds: 0, readUnits: reads * READ_UNITS, logBytes: 0 }
  return dollarsPerMonth(usage)
}
