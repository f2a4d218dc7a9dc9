import { type Load, zipf } from './load.ts'
import { measured } from './measured.ts'
import { dollarsPerMonth, type Usage } from './prices.ts'

/** How the adapter is set; times in seconds. */
export type Settings = {
  /** How long an app is used without asking: its TTL, or with a feed how long it is followed at most. */
  readonly appTtl: number
  /** The same for a name that no app has. */
  readonly negativeTtl: number
  /** Seconds from one poll of the feed to the next; absent without a feed. */
  readonly pollInterval?: number
}

/** What a load comes to at the endpoint, all nodes together, a second on average. */
export type Traffic = {
  /** Lookups of one name each: an app that the node does not keep, or a name that no app has. */
  readonly lookups: number
  /** Requests that revalidate up to 100 apps each, and how many apps they do. */
  readonly batches: number
  readonly revalidated: number
  readonly polls: number
}

/** Apps in one batch, at most. */
const BATCH = 100
/**
 * What CloudWatch Logs takes in for a request: the access log's line, about 395 bytes by the template's format, and
 * Lambda's START, END and REPORT, about 320, each with 26 bytes of overhead. A poll's function writes no START and END.
 */
const LOG_BYTES = 820
const POLL_LOG_BYTES = 450
/** Read units of an eventually consistent read of up to 4 KB; a consistent one takes twice as many. */
const READ_UNITS = 0.5

/** Dollars a month with soketi's own DynamoDB driver: a read for each lookup, its cache being off unless asked for. */
export function ownDriverDollars({ nodes, lookupsPerSecond }: Load): number {
  return dollarsOfReads(nodes * lookupsPerSecond)
}

/**
 * The same with its cache: every node keeps an app for `ttl` seconds, under its id and under its key apart (half of the
 * lookups are by id), and asks for what does not exist every time.
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
  const { lookups, batches, revalidated, polls } = trafficOf(load, settings)
  const perBatch = batches > 0 ? revalidated / batches : 0
  // An environment reads the change log once a second at most; with so few polls at a time it is the only one.
  const pollReads = Math.min(1, polls)
  return dollarsPerMonth({
    requests: lookups + batches + polls,
    functionSeconds:
      lookups * durationOf(1) + batches * durationOf(perBatch) + polls * durationOf(pollReads / polls || 0),
    readUnits: lookups * READ_UNITS + revalidated * 2 * READ_UNITS + pollReads * 2 * READ_UNITS,
    logBytes: (lookups + batches) * LOG_BYTES + polls * POLL_LOG_BYTES,
  })
}

/** What reaches the endpoint. */
export function trafficOf(load: Load, { appTtl, negativeTtl, pollInterval }: Settings): Traffic {
  const { nodes, lookupsPerSecond, apps, unknownShare, unknownNames, socketsPerLookup } = load
  const sums = { fetched: 0, revalidated: 0, kept: 0 }
  for (const { count, share } of zipf(apps)) {
    const rate = lookupsPerSecond * (1 - unknownShare) * share
    const hasSocket = -Math.expm1(-socketsPerLookup * lookupsPerSecond * share)
    // Without a socket it is revalidated as long as it is used within each TTL, and fetched by the lookup after that.
    const unused = Math.exp(-rate * appTtl)
    const perSecond = rate / (unused + rate * appTtl)
    sums.fetched += count * (1 - hasSocket) * perSecond * unused
    sums.revalidated += count * (hasSocket / appTtl + (1 - hasSocket) * perSecond * (1 - unused))
    sums.kept += count * (hasSocket + (1 - hasSocket) * (1 - unused))
  }
  const negatives = unknownNames * readsBehind((lookupsPerSecond * unknownShare) / unknownNames, negativeTtl)
  const changes = pollInterval === undefined ? 0 : (load.changesPerHour / 3600) * (sums.kept / apps)
  return {
    lookups: nodes * (sums.fetched + negatives),
    batches: nodes * (Math.ceil(sums.kept / BATCH) / appTtl + changes),
    revalidated: nodes * (sums.revalidated + changes),
    polls: pollInterval === undefined ? 0 : nodes / pollInterval,
  }
}

/**
 * Reads a second of one key behind a cache whose entries live `ttl` seconds from their read, under Poisson arrivals:
 * after each read comes the TTL, then the wait for the next arrival.
 * Jung, Berger, Balakrishnan: Modeling TTL-based Internet Caches, INFOCOM 2003.
 */
function readsBehind(rate: number, ttl: number): number {
  return rate / (1 + rate * ttl)
}

/**
 * How long a request is billed for, in seconds, when it reads so many items, ten at a time: the processor time as
 * measured, at 512 MB's 0.29 vCPU. That DynamoDB takes 4 ms ("single-digit milliseconds":
 * https://aws.amazon.com/dynamodb/) and the runtime 1.5 ms is assumed.
 */
function durationOf(reads: number): number {
  const cpuSeconds = measured('functions', 'lookup', 'miss CPU µs') / 1e6
  return 0.0015 + (cpuSeconds / 0.29) * reads + 0.004 * Math.ceil(reads / 10)
}

function dollarsOfReads(reads: number): number {
  const usage: Usage = { requests: 0, functionSeconds: 0, readUnits: reads * READ_UNITS, logBytes: 0 }
  return dollarsPerMonth(usage)
}
