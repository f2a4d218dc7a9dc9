import { simulateDriver } from './driver.ts'
import { simulateEndpoint } from './endpoint.ts'
import type { Load } from './load.ts'

/** The lookups a second of a node between which a break-even is looked for. */
const RANGE = [0.01, 100_000] as const

/**
 * From how many lookups a second of each node on the endpoint is cheaper than soketi's own driver with a cache of
 * `cacheTtl` seconds (0: none, its default); `undefined` when it is not within any reasonable load.
 */
export function breakEven(load: Load, cacheTtl = 0): number | undefined {
  const isCheaper = (lookupsPerSecond: number) => {
    const at = { ...load, lookupsPerSecond }
    return simulateEndpoint(at).total.dollarsPerMonth < simulateDriver(at, cacheTtl).dollarsPerMonth
  }
  let [low, high] = RANGE.map(Math.log10) as [number, number]
  if (!isCheaper(RANGE[1])) return undefined
  if (isCheaper(RANGE[0])) return RANGE[0]
  while (high - low > 0.005) {
    const middle = (low + high) / 2
    if (isCheaper(10 ** middle)) high = middle
    else low = middle
  }
  return 10 ** high
}
