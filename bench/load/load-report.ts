import { sum } from 'simple-statistics'
import type { Memory } from '../local-stack-process.ts'
import { figureTable } from '../report.ts'
import type { Report } from '../run-bench.ts'
import { growthOf, MAX_GROWTH_MIB } from './growth.ts'
import type { Counts } from './load-generator.ts'

/** Some seconds of load, and the memory of the endpoint afterwards, with no request in flight. */
export type Interval = { readonly requestsPerSecond: number; readonly memory: Memory }

const ABOUT = `As many requests as possible
to the server of \`npm start\` (gateway, authorizer, functions in threads, embedded DynamoDB), which has a process of its own
on the machine that also makes the load. Its speed says nothing about AWS, where API Gateway, Lambda and DynamoDB are in the
place of the rest; the functions are the same code there.

- 3,000 apps, some of which get many more requests than others, and 20,000 ids that no app has: more than the functions'
  caches hold. TTLs and limits are the template's.
- Every response is checked: its status (304 for a known ETag, 404 only for an app that does not exist), and that it is the
  requested app. A response after 15 s or none is an error.
- The load has equal intervals. After each, with no request in flight, every thread of the server collects its garbage.
  Growth is from the eighth of the intervals after the first quarter to the last eighth, medians. The resident set has no
  limit: V8 and the allocator keep in it what is free.`

const MIB = 2 ** 20

export function report(
  intervals: readonly Interval[],
  connections: number,
  { kinds, cache, errors }: Counts,
): Report {
  const values = {
    'requests a second': intervals.map(({ requestsPerSecond }) => requestsPerSecond),
    'used MiB': intervals.map(({ memory }) => memory.used / MIB),
    'resident MiB': intervals.map(({ memory }) => memory.rss / MIB),
  }
  const growth = growthOf(values['used MiB'])
  const hits = (100 * (cache.get('hit') ?? 0)) / sum([...cache.values()])
  const responses = [...kinds].map(([kind, count]) => ({
    title: `responses to ${kind}`,
    found: [count],
    digits: 0,
  }))
  return {
    about: ABOUT,
    tables: [
      figureTable([
        { title: 'wrong or missing responses', goal: 0, found: [sum([...errors.values()])], digits: 0 },
        { title: 'growth of the memory in use, MiB', goal: MAX_GROWTH_MIB, found: [growth], digits: 1 },
        { title: 'growth of the resident set, MiB', found: [growthOf(values['resident MiB'])], digits: 1 },
        {
          title: `requests a second over ${connections} connections`,
          found: values['requests a second'],
          digits: 0,
        },
        { title: "GETs of an app from a function's cache, %", found: [hits], digits: 0 },
        ...responses,
      ]),
    ],
    samples: Object.entries(values).flatMap(([measure, all]) =>
      all.map((value, index) => ({ variant: 'each interval', measure, round: index + 1, value })),
    ),
    failures: [
      ...[...errors].map(([error, count]) => `${count} times ${error}.`),
      ...(growth > MAX_GROWTH_MIB ? [`Memory grew by ${growth.toFixed(1)} MiB.`] : []),
    ],
  }
}
