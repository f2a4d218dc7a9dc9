import type { Machine } from '../machine.ts'
import { quantile, summarize } from '../statistics.ts'
import { table } from '../table.ts'
import { growthOf, MAX_GROWTH } from './growth.ts'
import {
  answersOf,
  CONNECTIONS,
  type Interval,
  inMiB,
  problemsOf,
  rateOf,
  throughputOf,
} from './intervals.ts'

export type Results = {
  readonly machine: Machine
  readonly minutes: number
  readonly intervals: readonly Interval[]
}

/** What must not be: each error with its number, and memory that grew. */
export function failures(intervals: readonly Interval[]): string[] {
  const growth = growthOf(intervals.map(usedBytes))
  return [
    ...Object.entries(problemsOf(intervals)).map(([problem, count]) => `${count} times ${problem}`),
    ...(growth > MAX_GROWTH ? [`memory grew by ${inMiB(growth)} MiB`] : []),
  ]
}

/** The tables, in Markdown that a terminal shows as well. */
export function tables(intervals: readonly Interval[]): string {
  const { median, low, high } = summarize(throughputOf(intervals))
  const paced = intervals.filter(({ phase }) => phase === 'fixed rate')
  const times = (read: (interval: Interval) => readonly number[]) => paced.flatMap(read).sort((a, b) => a - b)
  const latencies = times(({ latencies }) => latencies)
  const lags = times(({ lags }) => lags)
  const hits = total(intervals.map(({ hits }) => hits))
  const misses = total(intervals.map(({ misses }) => misses))
  const used = intervals.map(usedBytes)
  const rss = intervals.map(({ memory }) => memory.rss)
  const errors = total(Object.values(problemsOf(intervals)))
  return [
    table(
      ['', 'found', 'must be'],
      [
        [
          `requests a second over ${CONNECTIONS} connections, median interval (middle half)`,
          `${median.toFixed(0)} (${low.toFixed(0)}–${high.toFixed(0)})`,
          '',
        ],
        ...[0.5, 0.9, 0.99, 1].map((q) => [
          `ms until the answer at ${rateOf(intervals)} requests a second, ${nameOf(q)}`,
          quantile(latencies, q).toFixed(1),
          '',
        ]),
        [
          'of it ms until it was sent, p50 and p99',
          `${quantile(lags, 0.5).toFixed(1)}, ${quantile(lags, 0.99).toFixed(1)}`,
          '',
        ],
        [
          'GETs of an app that a function had in memory',
          `${((100 * hits) / (hits + misses)).toFixed(0)} %`,
          '',
        ],
        ['requests that were not answered as they must be', String(errors), '0'],
        ['growth of what its threads hold, in MiB', inMiB(growthOf(used)), `≤ ${inMiB(MAX_GROWTH)}`],
        ['growth of its resident set, in MiB', inMiB(growthOf(rss)), ''],
      ],
    ),
    table(
      ['answers', 'number'],
      Object.entries(answersOf(intervals)).map(([kind, count]) => [kind, String(count)]),
    ),
  ].join('\n\n')
}

/** The whole of bench/load/RESULTS.md: the tables, how and where they were measured, and every interval. */
export function results({ machine, minutes, intervals }: Results): string {
  return `# The local stack under load

Written by \`npm run bench:load\`; do not edit. ${minutes} minutes of load on the server of \`npm start\` (gateway, authorizer,
functions in threads, embedded DynamoDB), which has a process of its own on the machine that also makes the load. Its
speed says nothing about AWS, where API Gateway, Lambda and DynamoDB are in the place of the rest; the functions are the
same code there.

- 3,000 apps, some asked for much more often than others, and 20,000 ids that are no app's: more than the functions'
  caches hold. TTLs and limits are the template's.
- Every answer is checked: its status (304 to a tag that was given before, 404 only for what is not there), and that it is
  the app asked for. An answer after 15 s or none is an error.
- At the fixed rate requests are sent evenly, each when it is due, and its latency counts from then.
- After each interval, with no request under way, every thread of the server collects its garbage. Growth is from the
  eighth of the intervals after the first quarter to the last eighth, medians, both at the fixed rate. The resident set
  is told and not judged: V8 and the allocator keep in it what is free.

${Object.entries(machine)
  .map(([name, value]) => `- ${name}: ${value}`)
  .join('\n')}

${tables(intervals)}

## Every interval

Latencies in ms, memory in MiB: the heaps of all threads, what is outside of them for their sake, the resident set.

${table(
  ['', 'phase', 'answers', 'a second', 'p50', 'p90', 'p99', 'max', 'errors', 'heap', 'outside', 'resident'],
  intervals.map((interval, index) => {
    const sorted = [...interval.latencies].sort((a, b) => a - b)
    const { heap, external, rss } = interval.memory
    return [
      String(index + 1),
      interval.phase,
      String(sorted.length),
      (sorted.length / interval.seconds).toFixed(0),
      ...[0.5, 0.9, 0.99, 1].map((q) => quantile(sorted, q).toFixed(1)),
      String(total(Object.values(interval.problems))),
      inMiB(heap),
      inMiB(external),
      inMiB(rss),
    ]
  }),
)}
`
}

const usedBytes = ({ memory }: Interval) => memory.heap + memory.external
const total = (numbers: readonly number[]) => numbers.reduce((sum, each) => sum + each, 0)
const nameOf = (q: number) => (q === 1 ? 'longest' : `p${100 * q}`)
