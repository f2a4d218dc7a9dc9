import { PARTITION_UNITS } from './endpoint.ts'
import { type Load, sumOver, zipf } from './load.ts'
import { UNITS_PER_READ } from './prices.ts'

/** Every client of every node comes back at once, and the nodes' caches are empty: the worst case. */
export type Storm = {
  /** The endpoint's requests a second while it lasts, all regions together: what ThrottleRate has to let through. */
  readonly requestsPerSecond: number
  /** Seconds until every node knows its apps again. */
  readonly seconds: number
  /** soketi's own driver: reads a second, and the most-read item's part of its partition's read units. */
  readonly driverReadsPerSecond: number
  readonly driverHottestShare: number
}

/** adapter/lookup/settings.ts: lookups of apps that a node does not know. */
const UNKNOWN_LOOKUPS_PER_SECOND = 50

/** @param spread seconds over which clients try again: pusher-js waits 1 s after a lost connection */
export function simulateStorm(load: Load, spread = 1): Storm {
  const groups = zipf(load.apps, load.zipfExponent)
  const sockets = load.socketsPerLookup * load.lookupsPerSecond
  // Lookups of one app that come together are one request.
  const apps = sumOver(groups, ({ share }) => -Math.expm1(-sockets * share))
  const seconds = Math.max(spread, apps / UNKNOWN_LOOKUPS_PER_SECOND)
  const driverReadsPerSecond = (load.nodes * sockets) / spread
  const hottest = (driverReadsPerSecond * (groups[0]?.share ?? 0)) / load.regions
  return {
    requestsPerSecond: (load.nodes * apps) / seconds,
    seconds,
    driverReadsPerSecond,
    driverHottestShare: (hottest * UNITS_PER_READ) / PARTITION_UNITS,
  }
}
