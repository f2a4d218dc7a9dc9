import { figureTable, table } from '../report.ts'
import {
  cachedDriverDollars,
  endpointDollars,
  LOG_BYTES,
  ownDriverDollars,
  type Settings,
  type Traffic,
  trafficOf,
} from './cost-model.ts'
import { DEFAULT_LOAD, type Load } from './load.ts'
import { PRICES } from './prices.ts'

/** The adapter's settings that are compared; the first has no feed. */
export const SETTINGS = {
  'TTLs 30 / 5 s': { appTtl: 30, negativeTtl: 5 },
  'feed, 15 min': { appTtl: 900, negativeTtl: 900, pollInterval: 5 },
  'feed, 1 h': { appTtl: 3600, negativeTtl: 3600, pollInterval: 5 },
} as const satisfies Record<string, Settings>

export const CACHE_TTL = 30

/** Dollars a month of all that is compared. */
const DOLLARS: Readonly<Record<string, (load: Load) => number>> = {
  'own driver': ownDriverDollars,
  [`own driver, cache ${CACHE_TTL} s`]: (load) => cachedDriverDollars(load, CACHE_TTL),
  ...Object.fromEntries(
    Object.entries(SETTINGS).map(([name, settings]) => [name, (load) => endpointDollars(load, settings)]),
  ),
}

/** From one small node to very large clusters. */
const SIZES: readonly (readonly [nodes: number, lookupsPerSecond: number, apps: number])[] = [
  [1, 5, 10],
  [3, 20, 10],
  [10, 50, 100],
  [100, 50, 1_000],
  [1_000, 50, 10_000],
  [10_000, 50, 10_000],
]

function sizeTable(): string {
  const rows = SIZES.map(([nodes, lookupsPerSecond, apps]) => {
    const load = { ...DEFAULT_LOAD, nodes, lookupsPerSecond, apps }
    const name = `${nodes.toLocaleString('en')} × ${lookupsPerSecond}, ${apps.toLocaleString('en')}`
    return [name, ...Object.values(DOLLARS).map((dollarsOf) => number(dollarsOf(load)))]
  })
  return table(['nodes × lookups/s, apps', ...Object.keys(DOLLARS)], rows)
}

/** The goals of the feed. */
function goalTable(curves: readonly Curve[]): string {
  const dollars = (title: string, load: Partial<Load>, settings: Settings, goal: number) => ({
    title,
    goal,
    found: [endpointDollars({ ...DEFAULT_LOAD, ...load }, settings)],
    digits: 0,
  })
  const feed = curves.find(({ title }) => title === 'feed, 15 min')?.points ?? []
  const upTo1000 = feed.flatMap(({ apps, lookupsPerSecond = Number.NaN }) =>
    apps <= 1_000 ? [lookupsPerSecond] : [],
  )
  return figureTable([
    dollars('$ a month, 100 × 50, 1,000 apps, feed, 15 min', {}, SETTINGS['feed, 15 min'], 120),
    dollars(
      '$ a month, 1,000 × 50, 10,000 apps, feed, 1 h',
      { nodes: 1_000, apps: 10_000 },
      SETTINGS['feed, 1 h'],
      1_800,
    ),
    {
      title: "cheaper than soketi's own driver up to 1,000 apps, from lookups/s of a node, feed, 15 min",
      goal: 8,
      found: [Math.max(...upTo1000)],
      digits: 1,
    },
  ])
}

/** One load in detail, for the command line. */
export function loadTable(load: Load): string {
  const traffic: Readonly<Record<string, Traffic>> = Object.fromEntries(
    Object.entries(SETTINGS).map(([name, settings]) => [name, trafficOf(load, settings)]),
  )
  const kinds = {
    lookups: 'lookups/s',
    batches: 'batches/s',
    revalidated: 'apps in them/s',
    consistent: 'read consistently',
    polls: 'polls/s',
  } as const satisfies Record<keyof Traffic, string>
  const rows = Object.entries(DOLLARS).map(([name, dollarsOf]) => [
    name,
    ...(Object.keys(kinds) as (keyof Traffic)[]).map((kind) => number(traffic[name]?.[kind])),
    number(dollarsOf(load)),
  ])
  return table(['', ...Object.values(kinds), '$ a month'], rows)
}

/** For one of the settings: the lookups per second and node above which the endpoint is cheaper, by number of apps. */
export type Curve = { readonly title: string; readonly points: readonly BreakEven[] }
type BreakEven = { readonly apps: number; readonly lookupsPerSecond: number | undefined }

/** The numbers of apps for which the break-even is shown. */
export const APPS = [10, 100, 1_000, 10_000, 100_000]

/** The break-even with soketi's own driver, at 100 nodes. */
export function curves(): readonly Curve[] {
  return Object.entries(SETTINGS).map(([title, settings]) => ({
    title,
    points: APPS.map((apps) => ({ apps, lookupsPerSecond: breakEven({ ...DEFAULT_LOAD, apps }, settings) })),
  }))
}

function breakEven(load: Load, settings: Settings): number | undefined {
  let [low, high] = [0.01, 1e5]
  const isCheaper = (lookupsPerSecond: number) => {
    const at = { ...load, lookupsPerSecond }
    return endpointDollars(at, settings) < ownDriverDollars(at)
  }
  if (!isCheaper(high)) return undefined
  while (high / low > 1.01) {
    const middle = Math.sqrt(low * high)
    if (isCheaper(middle)) high = middle
    else low = middle
  }
  return high
}

/** The whole of bench/scale/RESULTS.md. */
export function results(curves: readonly Curve[]): string {
  const { nodes, unknownShare, unknownNames, socketsPerLookup, changesPerHour } = DEFAULT_LOAD
  return `# What the endpoint costs, beside soketi's own driver

Written by \`npm run bench:scale\`; do not edit. A model, not a measurement of AWS: formulas for the adapter's requests,
times list prices. A test counts the requests of the adapter's lookup under eight loads, and the formulas agree with it
within 10 %. The processor time of a read is measured (\`bench/functions/RESULTS.md\`).

${goalTable(curves)}

## Dollars a month

"Own driver" is soketi's DynamoDB driver as it is by default, a read for each lookup. Its cache learns of a change when its
TTL ends, and reads DynamoDB every time for an app that does not exist. "TTLs" is the adapter without a change feed, "feed"
with one: an app is read again when it has changed, consistently, and every 15 minutes or every hour at the latest, by a
plain read.

${sizeTable()}

## Where the endpoint is cheaper

Above this number of lookups a second on each node, the endpoint is cheaper than soketi's own driver, at ${nodes} nodes.

${table(
  ['', ...APPS.map((apps) => `${apps.toLocaleString('en')} apps`)],
  curves.map(({ title, points }) => [
    title,
    ...points.map(({ lookupsPerSecond }) => (lookupsPerSecond ? number(lookupsPerSecond) : 'never')),
  ]),
)}

![The break-even](break-even.svg)

## What is assumed

- Every node has lookups of every app, by Zipf's law (exponent 1).
- A node has ${socketsPerLookup} open sockets for each lookup a second: half of the lookups are connections that last 400 s.
- One lookup in ${1 / unknownShare} is of one of ${unknownNames} names that no app has. ${changesPerHour} apps are changed in an hour.
- Every request reads DynamoDB. The model ignores that the functions' caches save some of the plain reads.
- DynamoDB takes 4 ms for a read, Lambda's runtime 1.5 ms for a request. A lookup is ${LOG_BYTES.lookup} bytes of logs, a batch
  at most ${LOG_BYTES.batch}, a poll ${LOG_BYTES.poll}.
- The adapter's limit on the number of apps is raised where a node has more in use.
- No free tier, no data transfer, no cold starts. The authorizer's few calls, the heartbeat and what records the changes
  (less than a dollar) are left out.

${table(
  [`${PRICES.region}, ${PRICES.asOf}`, '$'],
  [
    [
      'a million HTTP API requests (first 300 million a month, then)',
      `${million(PRICES.httpApiRequest.first300Million)}, ${million(PRICES.httpApiRequest.beyond)}`,
    ],
    ['a million Lambda requests', million(PRICES.lambdaRequest)],
    ['a million GB-seconds, arm64', million(PRICES.lambdaGbSecond)],
    ['a million read request units (a read takes half of one)', (1e6 * PRICES.readRequestUnit).toFixed(3)],
    ['a GB of logs', PRICES.logGb.toFixed(2)],
  ],
)}
`
}

const million = (price: number) => (1e6 * price).toFixed(2)

/** Three digits, as a table shows it; a dash without a value. */
const number = (value?: number) =>
  value === undefined
    ? '–'
    : Number(value.toPrecision(value < 1 ? 2 : 3)).toLocaleString('en', { maximumFractionDigits: 6 })
