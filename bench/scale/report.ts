import { table } from '../table.ts'
import { type Curve, GOAL, SETTINGS, SIZES } from './cases.ts'
import { simulateDriver } from './driver.ts'
import { type Line, simulateEndpoint } from './endpoint.ts'
import { DEFAULTS, type Load } from './load.ts'
import { PRICES } from './prices.ts'
import { simulateStorm } from './storm.ts'

/** Everything about one load, for programs. */
export function simulate(load: Load) {
  return {
    load,
    endpoint: simulateEndpoint(load),
    driver: simulateDriver(load),
    cachedDriver: simulateDriver(load, load.appTtl),
    storm: simulateStorm(load),
  }
}

/** One load as a table: the endpoint's lines, and soketi's own driver. */
export function loadTable(load: Load): string {
  const { endpoint, driver, cachedDriver } = simulate(load)
  const row = (title: string, { requestsPerSecond, readsPerSecond, concurrency, dollarsPerMonth }: Line) => [
    title,
    number(requestsPerSecond),
    number(readsPerSecond),
    number(concurrency),
    number(dollarsPerMonth),
  ]
  const own = (title: string, { readsPerSecond, dollarsPerMonth }: typeof driver) => [
    title,
    '–',
    number(readsPerSecond),
    '–',
    number(dollarsPerMonth),
  ]
  return table(
    ['', 'requests/s', 'DynamoDB reads/s', 'functions at work', '$ a month'],
    [
      row('lookups', endpoint.lookups),
      row('re-checks', endpoint.rechecks),
      row('endpoint, both', endpoint.total),
      own("soketi's own driver", driver),
      own(`the same, cached for ${load.appTtl} s`, cachedDriver),
    ],
  )
}

/** The ratios to reach, with and without what is guessed about the load. */
export function goalTable(): string {
  const cases: [string, Partial<Load>][] = [
    ['as guessed (connections last 400 s)', {}],
    ['connections last 800 s', { socketsPerLookup: 400 }],
    ['connections last 100 s', { socketsPerLookup: 50 }],
    ['without re-checks', { rechecks: false }],
    ['functions 10 s', { functionTtl: DEFAULTS.functionTtl }],
  ]
  return table(
    ['300 / 60 s, functions 60 s', 'endpoint requests', 'DynamoDB reads', 'goal 0.01'],
    cases.map(([title, change]) => {
      const { endpoint, driver } = simulate({ ...GOAL, ...change })
      const ratios = [endpoint.total.requestsPerSecond, endpoint.total.readsPerSecond].map(
        (value) => value / driver.readsPerSecond,
      )
      const isMet = ratios.every((ratio) => ratio <= 0.01)
      return [title, ...ratios.map((ratio) => ratio.toFixed(4)), isMet ? 'met' : 'missed']
    }),
  )
}

/** Sizes from one node to 10,000: dollars a month by TTLs, the own driver's, and what each asks of one partition. */
export function sizeTable(): string {
  return table(
    [
      'nodes × lookups/s, apps',
      ...SETTINGS.map(({ title }) => `$ ${title.split(':')[0]?.split(',')[0]}`),
      '$ own driver',
      '$ cached 30 s',
      "hottest partition, endpoint / own driver's",
      'ThrottleRate, steady / storm',
      're-check every',
    ],
    SIZES.map((size) => {
      const all = SETTINGS.map(({ change }) => simulate({ ...DEFAULTS, ...change, ...size }))
      const [first, last] = [all[0], all.at(-1)]
      return [
        `${number(size.nodes)} × ${size.lookupsPerSecond}, ${number(size.apps)}`,
        ...all.map(({ endpoint }) => number(endpoint.total.dollarsPerMonth)),
        number(first?.driver.dollarsPerMonth),
        number(first?.cachedDriver.dollarsPerMonth),
        `${percent(first?.endpoint.hottestShare)} / ${percent(first?.driver.hottestShare)}`,
        `${number(last?.endpoint.total.requestsPerSecond)} / ${number(last?.storm.requestsPerSecond)}`,
        `${number(last?.endpoint.recheckPeriod)} s`,
      ]
    }),
  )
}

/** From how many lookups a second of a node on the endpoint is the cheaper one. */
export function breakEvenTable(curves: readonly Curve[]): string {
  const points = curves[0]?.points ?? []
  return table(
    ['TTLs', 'against', ...points.map(({ apps }) => `${number(apps)} apps`)],
    curves.flatMap(({ title, points }) => [
      [title, 'own driver', ...points.map(({ uncached }) => number(uncached))],
      ['', 'its cache, same TTL', ...points.map(({ cached }) => number(cached))],
    ]),
  )
}

/** The price list as a table. */
export function priceTable(): string {
  return table(
    [`${PRICES.region}, ${PRICES.asOf}`, '$'],
    [
      [
        'a million HTTP API requests (first 300 million a month, then)',
        `${(PRICES.httpApiRequest.first300Million * 1e6).toFixed(2)}, ${(PRICES.httpApiRequest.beyond * 1e6).toFixed(2)}`,
      ],
      ['a million Lambda requests', (PRICES.lambdaRequest * 1e6).toFixed(2)],
      ['a million GB-seconds, arm64', (PRICES.lambdaGbSecond * 1e6).toFixed(2)],
      ['a million read request units (a read takes half of one)', (PRICES.readRequestUnit * 1e6).toFixed(3)],
      ['a GB of logs', PRICES.logGb.toFixed(2)],
    ],
  )
}

/** Two significant figures, "never" for what there is not. */
function number(value: number | undefined): string {
  if (value === undefined) return 'never'
  return Number(value.toPrecision(value >= 1_000 ? 3 : 2)).toLocaleString('en', {
    maximumSignificantDigits: 3,
  })
}

const percent = (share: number | undefined) => `${number((share ?? 0) * 100)} %`
