/** The middle of some numbers, and between which the middle half of them lies. */
export type Summary = { readonly median: number; readonly low: number; readonly high: number }

export function summarize(values: readonly number[]): Summary {
  const sorted = [...values].sort((a, b) => a - b)
  return { median: quantile(sorted, 0.5), low: quantile(sorted, 0.25), high: quantile(sorted, 0.75) }
}

/** A quantile (0 to 1) of numbers in ascending order, between two of them by proportion. */
export function quantile(sorted: readonly number[], q: number): number {
  const place = (sorted.length - 1) * q
  const below = sorted[Math.floor(place)] ?? Number.NaN
  const above = sorted[Math.ceil(place)] ?? Number.NaN
  return below + (above - below) * (place - Math.floor(place))
}

/** The same things in another order. */
export function shuffle<T>(things: readonly T[]): T[] {
  return things
    .map((thing) => ({ thing, place: Math.random() }))
    .sort((a, b) => a.place - b.place)
    .map(({ thing }) => thing)
}
