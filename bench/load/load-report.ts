import { quantile, sum } from 'simple-statistics'
import { spread, table } from '../report.ts'
import type { Sample } from '../rounds.ts'
import type { Report } from '../run-bench.ts'
import { growthOf, MAX_GROWTH } from './growth.ts'
import { CONNECTIONS, fixedRate, type Interval, throughput } from './intervals.ts'

const ABOUT = `Load on the server of \`npm start\` (gateway, authorizer,
functions in threads, embedded DynamoDB), which has a process of its own on the machine that also makes the load. Its
speed says nothing about AWS, where API Gateway, Lambda and DynamoDB are in the place of the rest; the functions are the
same code there.

- 3,000 apps, some asked for much more often than others, and 20,000 ids that are no app's: more than the functions'
  caches hold. TTLs and limits are the template's.
- Every response is checked: its status (304 to a tag that was given before, 404 only for what is not there), and that
  it is the app asked for. A response after 15 s or none is an error.
- At the fixed rate requests are sent evenly, each when it is due, and its latency counts from then.
- After each interval, with no request in flight, every thread of the server collects its garbage. Growth is from the
  eighth of the intervals after the first quarter to the last eighth, medians, both at the fixed rate. The resident set
  has no limit: V8 and the allocator keep in it what is free.`

export function report(intervals: readonly Interval[]): Report {
  const errors = total(intervals.map((interval) => interval.errors))
  const growth = growthOf(intervals.map(usedBytes))
  return {
    about: ABOUT,
    tables: [
      resultTable(intervals),
      table(
        ['request', 'responses'],
        [...total(intervals.map(({ kinds }) => kinds))].map(([kind, count]) => [kind, String(count)]),
      ),
    ],
    samples: intervals.flatMap(samplesOf),
    failures: [
      ...[...errors].map(([error, count]) => `${count} times ${error}.`),
      ...(growth > MAX_GROWTH ? [`Memory grew by ${inMiB(growth)} MiB.`] : []),
    ],
  }
}

function resultTable(intervals: readonly Interval[]): string {
  const atFixedRate = intervals.filter(({ phase }) => phase === 'fixed rate')
  const latencies = atFixedRate.flatMap((interval) => interval.latencies)
  const lags = atFixedRate.flatMap((interval) => interval.lags)
  const cache = total(intervals.map((interval) => interval.cache))
  const hits = cache.get('hit') ?? 0
  const rate = fixedRate(intervals)
  return table(
    ['', 'found', 'at most'],
    [
      [
        `requests a second over ${CONNECTIONS} connections`,
        spread(intervals.filter(({ phase }) => phase === 'throughput').map(throughput), 0),
        '',
      ],
      ...QUANTILES.map(([name, q]) => [
        `ms to the response at ${rate} requests a second, ${name}`,
        quantile(latencies, q).toFixed(1),
        '',
      ]),
      ['of it ms until it was sent, p99', quantile(lags, 0.99).toFixed(1), ''],
      [
        'GETs of an app that a function had in its memory',
        `${((100 * hits) / sum([...cache.values()])).toFixed(0)} %`,
        '',
      ],
      [
        'wrong or missing responses',
        String(sum([...total(intervals.map(({ errors }) => errors)).values()])),
        '0',
      ],
      ['growth of what its threads hold, MiB', inMiB(growthOf(intervals.map(usedBytes))), inMiB(MAX_GROWTH)],
      ['growth of its resident set, MiB', inMiB(growthOf(intervals.map(({ memory }) => memory.rss))), ''],
    ],
  )
}

function samplesOf(interval: Interval, index: number): readonly Sample[] {
  const { phase, latencies, errors, memory } = interval
  const values = {
    'requests a second': throughput(interval),
    ...Object.fromEntries(QUANTILES.map(([name, q]) => [`${name} ms`, quantile(latencies, q)])),
    errors: sum([...errors.values()]),
    'heaps MiB': memory.heap / MIB,
    'outside of them MiB': memory.external / MIB,
    'resident MiB': memory.rss / MIB,
  }
  return Object.entries(values).map(([measure, value]) => ({
    variant: phase,
    measure,
    round: index + 1,
    value,
  }))
}

const QUANTILES = [
  ['p50', 0.5],
  ['p90', 0.9],
  ['p99', 0.99],
  ['longest', 1],
] as const
const MIB = 2 ** 20

const usedBytes = ({ memory }: Interval) => memory.heap + memory.external
const inMiB = (bytes: number) => (bytes / MIB).toFixed(1)

function total(counts: readonly ReadonlyMap<string, number>[]): Map<string, number> {
  const all = new Map<string, number>()
  for (const [name, count] of counts.flatMap((each) => [...each])) all.set(name, (all.get(name) ?? 0) + count)
  return all
}
