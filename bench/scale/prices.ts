/**
 * List prices in us-east-1 in US dollars, as of 2026-11-22. Free tiers, savings plans, storage, writes and data
 * transfer are left out: the first two make the endpoint look cheaper, the others are the same with soketi's own
 * driver, or depend on where the nodes are.
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

/** A month in AWS's calculator has 730 hours: https://docs.aws.amazon.com/pricing-calculator/latest/userguide/what-is-pricing-calculator.html */
const SECONDS_PER_MONTH = 730 * 3600

/** Usage per second, on average. */
export type Usage = {
  /** Requests to the API, each of which invokes a function. */
  readonly requests: number
  /** Seconds that functions run. */
  readonly functionSeconds: number
  /** DynamoDB's read request units: a read of up to 4 KB takes half of one, a consistent read a whole. */
  readonly readUnits: number
  readonly logBytes: number
}

/** The template's default MemorySize. */
const MEMORY_GB = 0.5

/** Dollars a month at list price, in one region. */
export function dollarsPerMonth({ requests, functionSeconds, readUnits, logBytes }: Usage): number {
  const requestsPerMonth = requests * SECONDS_PER_MONTH
  const first = Math.min(requestsPerMonth, 300e6)
  const perSecond =
    requests * PRICES.lambdaRequest +
    functionSeconds * MEMORY_GB * PRICES.lambdaGbSecond +
    readUnits * PRICES.readRequestUnit +
    (logBytes / 1e9) * PRICES.logGb
  return (
    first * PRICES.httpApiRequest.first300Million +
    (requestsPerMonth - first) * PRICES.httpApiRequest.beyond +
    perSecond * SECONDS_PER_MONTH
  )
}
