import { median } from 'simple-statistics'

/**
 * The most memory that the endpoint may use at the end in addition to that after the first quarter of a run, in MiB.
 *
 * Only the functions' four caches can still grow then: 2 × 1,000 apps of about 1 kB in each at most. With 2,000 requests a
 * second, a run of one minute has 75,000 in between, so a leak of 112 bytes per request is found. A run of ten minutes
 * finds 11 bytes.
 */
export const MAX_GROWTH_MIB = 8

/**
 * The growth of a series: the median of its last eighth minus the median of the eighth after its first quarter, in the
 * unit of its values. Before that, caches fill and code is compiled.
 */
export function growthOf(series: readonly number[]): number {
  const eighth = Math.max(1, Math.floor(series.length / 8))
  const warm = Math.floor(series.length / 4)
  return median(series.slice(-eighth)) - median(series.slice(warm, warm + eighth))
}
