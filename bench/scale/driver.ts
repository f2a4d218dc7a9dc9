import { ttlReads } from './caches.ts'
import { PARTITION_UNITS } from './endpoint.ts'
import { type Load, sumOver, zipf } from './load.ts'
import { dollarsPerMonth, UNITS_PER_READ } from './prices.ts'

/** What soketi's own DynamoDB driver asks of the table. */
export type DriverLoad = {
  readonly readsPerSecond: number
  readonly hottestShare: number
  readonly dollarsPerMonth: number
}

/**
 * soketi 1.6.1's DynamoDB driver: a read for each lookup, as its cache is off unless asked for
 * (https://docs.soketi.app/app-management/introduction). With `cacheTtl` (seconds), every node keeps what it found
 * that long, by id and by key apart; what does not exist is asked for every time.
 */
export function simulateDriver(load: Load, cacheTtl = 0): DriverLoad {
  const { nodes, lookupsPerSecond, missShare, idShare } = load
  const groups = zipf(load.apps, load.zipfExponent)
  const readsOf = (share: number) => {
    const rate = lookupsPerSecond * (1 - missShare) * share
    return nodes * (ttlReads(rate * idShare, cacheTtl) + ttlReads(rate * (1 - idShare), cacheTtl))
  }
  const readsPerSecond = sumOver(groups, ({ share }) => readsOf(share)) + nodes * lookupsPerSecond * missShare
  return {
    readsPerSecond,
    hottestShare: (readsOf(groups[0]?.share ?? 0) * UNITS_PER_READ) / PARTITION_UNITS / load.regions,
    dollarsPerMonth: dollarsPerMonth(
      { requestsPerSecond: 0, gbSecondsPerSecond: 0, readsPerSecond, logBytesPerSecond: 0 },
      load.regions,
    ),
  }
}
