import { median } from 'simple-statistics'

/**
 * How much more the endpoint may hold at the end than after the first quarter of a run, in bytes.
 *
 * What may still fill then are the functions' four caches: 2 × 1,000 apps of about 1 kB in each at the most. Beyond
 * that nothing has to grow. A run of one minute has some 20,000 requests in between, so that 500 bytes a request are
 * found, one of ten minutes ten times as many, so that 50 are.
 */
export const MAX_GROWTH = 8 * 2 ** 20

/**
 * By how much a series has grown: the median of its last eighth less the median of the eighth that follows its first
 * quarter, in the unit of its values. Before that, caches fill and code is compiled.
 */
export function growthOf(series: readonly number[]): number {
  const eighth = Math.max(1, Math.floor(series.length / 8))
  const warm = Math.floor(series.length / 4)
  return median(series.slice(-eighth)) - median(series.slice(warm, warm + eighth))
}
