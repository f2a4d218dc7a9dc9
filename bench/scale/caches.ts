/**
 * Reads a second of one key behind a cache whose entries live `ttl` seconds from their read, under Poisson
 * arrivals: after each read comes the TTL, then the wait for the next arrival.
 * Jung, Berger, Balakrishnan: Modeling TTL-based Internet Caches, INFOCOM 2003.
 */
export function ttlReads(rate: number, ttl: number): number {
  return rate / (1 + rate * ttl)
}

/**
 * The same when the arrivals come from `sources` that each ask once in `period`, out of step: each of the others is
 * equally likely to be at any point of its period. With many sources it is `ttlReads`; a single one whose period is
 * longer than the TTL never finds anything in the cache.
 */
export function periodicReads(sources: number, period: number, ttl: number): number {
  const rate = sources / period
  if (rate === 0) return 0
  if (ttl >= period) return ttlReads(rate, ttl)
  const mates = Math.max(sources, 1)
  const gap = mates / rate
  if (ttl >= gap) return ttlReads(rate, ttl)
  return 1 / (ttl + (gap / mates) * (1 - (ttl / gap) ** mates))
}

/** The mean age of what a cache answers, misses included, when entries are used evenly over their TTL. */
export function meanAge(rate: number, reads: number, ttl: number): number {
  return rate === 0 ? 0 : ((1 - reads / rate) * ttl) / 2
}

/**
 * How often a key is refreshed between two re-checks that are `window` apart, when a lookup refreshes what is older
 * than `hold`: `first` seconds after the re-check, `hold` seconds after a refresh. The k-th refresh comes after its
 * holds and k waits of a Poisson process, so it is in time with the probability of k arrivals in what is left.
 */
export function refreshesBetween(rate: number, window: number, first: number, hold: number): number {
  if (rate === 0 || first >= window) return 0
  // So many refreshes that the ends of the window no longer matter.
  if (hold * 100 < window && rate * window > 100) return (window - first) / (hold + 1 / rate)
  let sum = 0
  for (let k = 1; ; k += 1) {
    const left = window - first - (k - 1) * hold
    const chance = left <= 0 ? 0 : atLeast(k, rate * left)
    if (chance < 1e-6 && k > rate * window - 1) return sum
    if (left <= 0) return sum
    sum += chance
  }
}

/** The probability that a Poisson variable with this mean is k or more. */
export function atLeast(k: number, mean: number): number {
  if (mean > 500) return mean >= k ? 1 : 0
  let term = Math.exp(-mean)
  let below = 0
  for (let i = 0; i < k; i += 1) {
    below += term
    term *= mean / (i + 1)
  }
  return Math.max(0, 1 - below)
}

/** One kind of key in a bounded cache: how many there are, and how often each is asked for in a second. */
export type Demand = { readonly count: number; readonly rate: number }

/**
 * How many seconds an entry of a full cache stays after its last use, about the same for every key; Infinity when
 * everything fits. Che's approximation (Che, Tung, Wang: Hierarchical Web Caching Systems, IEEE JSAC 20 (7), 2002) of
 * the time in which `capacity` different keys are used; quick-lru drops a whole generation of that many at once, so
 * an entry stays for one to two of them: https://github.com/sindresorhus/quick-lru
 */
export function stayTime(demands: readonly Demand[], capacity: number): number {
  const filled = (time: number) =>
    demands.reduce((sum, { count, rate }) => sum + count * -Math.expm1(-rate * time), 0)
  const all = demands.reduce((sum, { count, rate }) => sum + (rate > 0 ? count : 0), 0)
  if (all <= capacity) return Number.POSITIVE_INFINITY
  let [low, high] = [0, 1]
  while (filled(high) < capacity) high *= 2
  for (let i = 0; i < 50; i += 1) {
    const middle = (low + high) / 2
    if (filled(middle) < capacity) low = middle
    else high = middle
  }
  return 1.5 * high
}

/** The TTL that is left of one when an entry may be pushed out: gaps longer than its stay end it. */
export function effectiveTtl(rate: number, ttl: number, stay: number): number {
  if (rate === 0 || stay === Number.POSITIVE_INFINITY) return ttl
  return Math.min(ttl, Math.expm1(rate * stay) / rate)
}
