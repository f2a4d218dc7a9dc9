/**
 * List prices in us-east-1 in US dollars, as of 2026-11-22. Free tiers, savings plans, storage, writes and data
 * transfer are left out: the first two flatter the endpoint, the others are the same with soketi's own driver
 * or depend on where the nodes are.
 */
export const PRICES = {
  asOf: '2026-11-22',
  region: 'us-east-1',
  /** HTTP API, a request of up to 512 KB: https://aws.amazon.com/api-gateway/pricing/ */
  httpApiRequest: { first300Million: 1e-6, beyond: 0.9e-6 },
  /** https://aws.amazon.com/lambda/pricing/ */
  lambdaRequest: 0.2e-6,
  /** arm64, the first 7.5 billion GB-seconds: https://aws.amazon.com/lambda/pricing/ */
  lambdaGbSecond: 0.0000133334,
  /** On demand: https://aws.amazon.com/dynamodb/pricing/on-demand/ */
  readRequestUnit: 0.125e-6,
  /** Ingestion, per GB: https://aws.amazon.com/cloudwatch/pricing/ */
  logGb: 0.5,
} as const

/** An eventually consistent read of an item up to 4 KB: https://aws.amazon.com/dynamodb/pricing/on-demand/ */
export const UNITS_PER_READ = 0.5

/** AWS's own month of 730 hours: https://docs.aws.amazon.com/pricing-calculator/latest/userguide/what-is-pricing-calculator.html */
export const SECONDS_PER_MONTH = 730 * 3600

/** A steady load on AWS, per second and for all regions together. */
export type Usage = {
  readonly requestsPerSecond: number
  readonly gbSecondsPerSecond: number
  readonly readsPerSecond: number
  readonly logBytesPerSecond: number
}

/** Dollars a month at list price. Each region has price tiers of its own, and the regions share the load evenly. */
export function dollarsPerMonth(usage: Usage, regions: number): number {
  const month = (perSecond: number) => perSecond * SECONDS_PER_MONTH
  const requests = month(usage.requestsPerSecond)
  return (
    regions * httpApiDollars(requests / regions) +
    requests * PRICES.lambdaRequest +
    month(usage.gbSecondsPerSecond) * PRICES.lambdaGbSecond +
    month(usage.readsPerSecond) * UNITS_PER_READ * PRICES.readRequestUnit +
    (month(usage.logBytesPerSecond) / 1e9) * PRICES.logGb
  )
}

function httpApiDollars(requests: number): number {
  const first = Math.min(requests, 300e6)
  return first * PRICES.httpApiRequest.first300Million + (requests - first) * PRICES.httpApiRequest.beyond
}
