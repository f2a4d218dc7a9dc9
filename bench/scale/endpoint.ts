import { refreshesBetween, ttlReads } from './caches.ts'
import { type FunctionUse, useFunction } from './functions.ts'
import { type Group, type Load, sumOver, zipf } from './load.ts'
import { dollarsPerMonth, UNITS_PER_READ } from './prices.ts'

/** What one kind of request costs, all regions together. */
export type Line = {
  readonly requestsPerSecond: number
  readonly readsPerSecond: number
  readonly concurrency: number
  readonly dollarsPerMonth: number
}

/** The steady state of soketi with the adapter. */
export type EndpointLoad = {
  /** Lookups that the adapter's cache does not answer, or refreshes in the background. */
  readonly lookups: Line
  /** Re-reads of apps with open sockets. */
  readonly rechecks: Line
  readonly total: Line
  /** Warm environments, all functions and regions together. */
  readonly environments: number
  /** The most-read item's part of the 3,000 read units that one partition gives. */
  readonly hottestShare: number
  /** Which part of the lookups waits for the endpoint. */
  readonly waitingShare: number
  /** Seconds from one re-read of an app to the next: batches are a second apart. */
  readonly recheckPeriod: number
}

/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-partition-key-design.html */
export const PARTITION_UNITS = 3_000

const BATCH = 100
/**
 * What CloudWatch Logs takes in for a request: the access log's line, about 395 bytes by the template's format,
 * and Lambda's START, END and REPORT, about 320, each with 26 bytes of overhead.
 */
const LOG_BYTES_PER_REQUEST = 820

/** One app on one node: its requests a second, and those that a lookup waits for. */
type AppOnNode = { readonly requests: number; readonly waiting: number }

/** What the adapter's caches let through, and what it comes to. */
export function simulateEndpoint(load: Load): EndpointLoad {
  const groups = zipf(load.apps, load.zipfExponent)
  const sockets = load.socketsPerLookup * load.lookupsPerSecond
  const live = groups.map(({ share }) => (load.rechecks ? -Math.expm1(-sockets * share) : 0))
  const liveApps = sumOver(groups, (_, i) => live[i] ?? 0)
  const batches = Math.ceil(liveApps / BATCH) * -Math.expm1(-liveApps)
  const recheckPeriod = load.recheckInterval + Math.max(0, batches - 1)
  const nodes = load.nodes / load.regions

  const rechecks = useFunction(
    groups.map(({ count }, i) => ({ count, sources: nodes * (live[i] ?? 0), period: recheckPeriod })),
    load,
    Math.max(1, liveApps / Math.max(batches, 1e-9)),
  )
  const misses = missesOf(load)
  // The age of the functions' answers shortens the adapter's TTL, and the adapter's requests keep that age down.
  let apps = groups.map((group, i) =>
    onNode(group, load, live[i] ?? 0, recheckPeriod, rechecks.ages[i] ?? 0, 0),
  )
  let byId = useFor(load.idShare, groups, apps, load)
  let byKey = useFor(1 - load.idShare, groups, apps, load)
  for (let i = 0; i < 5; i += 1) {
    const ages = groups.map(
      (_, g) => load.idShare * (byId.ages[g] ?? 0) + (1 - load.idShare) * (byKey.ages[g] ?? 0),
    )
    apps = groups.map((group, g) =>
      onNode(group, load, live[g] ?? 0, recheckPeriod, rechecks.ages[g] ?? 0, ages[g] ?? 0),
    )
    byId = useFor(load.idShare, groups, apps, load)
    byKey = useFor(1 - load.idShare, groups, apps, load)
  }

  const requests = sumOver(groups, (_, i) => apps[i]?.requests ?? 0)
  const waiting = sumOver(groups, (_, i) => apps[i]?.waiting ?? 0)
  const lookups = line((requests + misses.perNode) * load.nodes, [byId, byKey, misses.use], load)
  const recheckLine = line((batches / recheckPeriod) * load.nodes, [rechecks], load)
  const uses = [byId, byKey, rechecks]
  const hottest = Math.max(...groups.map((_, i) => uses.reduce((sum, { reads }) => sum + (reads[i] ?? 0), 0)))
  return {
    lookups,
    rechecks: recheckLine,
    total: addLines(lookups, recheckLine),
    environments: uses.reduce((sum, { environments }) => sum + environments, 0) * load.regions,
    hottestShare: (hottest * UNITS_PER_READ) / PARTITION_UNITS,
    waitingShare: (waiting + misses.perNode) / load.lookupsPerSecond,
    recheckPeriod,
  }
}

/**
 * What one app costs one node. A lookup finds the app refreshed within half the TTL, refreshes it in the background,
 * or waits for it once the TTL is over (adapter/lookup/cache.ts): so requests are those of a cache of half the TTL.
 * A re-check starts the TTL anew.
 */
function onNode(
  { share }: Group,
  load: Load,
  live: number,
  period: number,
  recheckAge: number,
  answerAge: number,
): AppOnNode {
  const rate = load.lookupsPerSecond * (1 - load.missShare) * share
  const half = load.appTtl / 2
  const hold = Math.max(0, half - answerAge)
  const idle = ttlReads(rate, hold)
  const between = refreshesBetween(rate, period, Math.max(0, half - recheckAge), hold) / period
  const requests = live * between + (1 - live) * idle
  return { requests, waiting: requests * Math.exp(-rate * half) }
}

function useFor(part: number, groups: readonly Group[], apps: readonly AppOnNode[], load: Load): FunctionUse {
  const sources = load.nodes / load.regions
  const streams = groups.map(({ count }, i) => ({
    count,
    sources,
    period: 1 / ((apps[i]?.requests ?? 0) * part),
  }))
  return useFunction(streams, load, 1)
}

function missesOf(load: Load): { perNode: number; use: FunctionUse } {
  const { missingApps: count, missTtl, functionMissTtl } = load
  const rate = ttlReads((load.lookupsPerSecond * load.missShare) / Math.max(count, 1), missTtl)
  const use = useFunction(
    [{ count, sources: load.nodes / load.regions, period: 1 / rate }],
    { ...load, functionTtl: functionMissTtl },
    1,
  )
  return { perNode: rate * count, use }
}

function line(requestsPerSecond: number, uses: readonly FunctionUse[], { regions }: Load): Line {
  const sum = (of: (use: FunctionUse) => number) => regions * uses.reduce((all, use) => all + of(use), 0)
  const readsPerSecond = sum((use) => use.readsPerSecond)
  return {
    requestsPerSecond,
    readsPerSecond,
    concurrency: sum((use) => use.concurrency),
    dollarsPerMonth: dollarsPerMonth(
      {
        requestsPerSecond,
        readsPerSecond,
        gbSecondsPerSecond: sum((use) => use.gbSecondsPerSecond),
        logBytesPerSecond: requestsPerSecond * LOG_BYTES_PER_REQUEST,
      },
      regions,
    ),
  }
}

function addLines(a: Line, b: Line): Line {
  return {
    requestsPerSecond: a.requestsPerSecond + b.requestsPerSecond,
    readsPerSecond: a.readsPerSecond + b.readsPerSecond,
    concurrency: a.concurrency + b.concurrency,
    dollarsPerMonth: a.dollarsPerMonth + b.dollarsPerMonth,
  }
}
