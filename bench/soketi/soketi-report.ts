import { type Figure, figureTable, median, medianTable, spread, table } from '../report.ts'
import { ratios, type Sample, valuesOf } from '../rounds.ts'
import type { Report } from '../run-bench.ts'
import { type Measure, VARIANTS } from './soketi-jobs.ts'

const about = (timed: number) => `Each variant with a soketi 1.6.1 of its own, in random
order; ${timed} handshakes (pusher-js, until it is connected) and ${timed} publishes (the \`pusher\` SDK) one after the other, after a
tenth of that untimed. Only ratios within one run mean something: absolute times are this machine's, and depend on what
else it did.

- **cold**: every lookup is of an app that nobody has asked for before, so that no cache holds it. The adapter's limit on
  lookups of apps it doesn't know is lifted; everything else has its default.
- **local endpoint**: the server of \`npm start\`, a process with a gateway in Node and the functions in threads of it, over the
  same DynamoDB Local that soketi's driver reads. A cold lookup has that read in it, one more hop for the gateway, one for the
  thread, and the functions' own work, all on this machine's cores. It has no goal: the adapter's cold goal is for what the
  adapter does, on the stub endpoint.
- **that holds the app**: the functions' cache has it, as after another node's lookup.
- **stub endpoint**: an HTTP server in another process that answers at once, without authorizer, functions and DynamoDB. What
  is left is the adapter's own work and one HTTP request.
- **outage**: the endpoint is known not to answer. The known app's last answer is older than its TTL, so that it is a stale one.
- soketi's DynamoDB driver opens a connection for each read, as it does by default.`

type Samples = readonly Sample<Measure>[]

export function report(samples: Samples, timed: number): Report {
  return {
    about: about(timed),
    tables: [
      'Figures: medians over the rounds of the ratio within a round; in brackets the middle half.',
      figureTable(figures(samples)),
      'Speed in ms: medians over the rounds, and beside them the ratio to the array driver within a round.',
      speedTable(samples),
      'Lookups that 1,000 connections with one unknown key make, 50 connections at a time.',
      mediansOf(samples, [['lookups of an unknown key', 0]]),
      `An app that is not known, in an outage that is known: after how many seconds a client and a backend are told. The
adapter closes the WebSocket with 4100 and answers a publish with 503, after which clients come back; soketi's driver
closes it with 4001 and answers 404, after which they don't.`,
      mediansOf(samples, [
        ['WebSocket rejected after s', 2],
        ['publish rejected after s', 2],
      ]),
    ],
    samples,
  }
}

function figures(samples: Samples): readonly Figure[] {
  const against = (title: string, goal: number | undefined, variant: string, other: string): Figure[] =>
    (['handshake', 'publish'] as const).map((what) => ({
      title: `${title}: ${what}`,
      ...(goal && { goal }),
      found: ratios(samples, [variant, `${what} p50 ms`], [other, `${what} p50 ms`]),
    }))
  const rejected = (title: string, variant: string): Figure[] => [
    {
      title: `${title}: close 4100, s`,
      goal: 1,
      found: valuesOf(samples, variant, 'WebSocket rejected after s'),
    },
    {
      title: `${title}: status 503, s`,
      goal: 1,
      found: valuesOf(samples, variant, 'publish rejected after s'),
    },
  ]
  const unknown = 'lookups of an unknown key'
  return [
    ...against('warm / array driver', 1.1, VARIANTS.warm, VARIANTS.array),
    ...against("cold, stub endpoint / soketi's DynamoDB driver", 0.5, VARIANTS.coldStub, VARIANTS.dynamodb),
    ...against(
      "cold, local endpoint / soketi's DynamoDB driver",
      undefined,
      VARIANTS.cold,
      VARIANTS.dynamodb,
    ),
    {
      title: "lookups of an unknown key / soketi's DynamoDB driver",
      goal: 0.01,
      found: ratios(samples, [VARIANTS.adapterUnknown, unknown], [VARIANTS.dynamodb, unknown]),
    },
    ...rejected('outage, connections refused', VARIANTS.refuses),
    ...rejected('outage, no responses', VARIANTS.hangs),
  ]
}

function speedTable(samples: Samples): string {
  const rows = variantsWith(samples, 'handshake p50 ms').map((name) => {
    const speed = (what: 'handshake' | 'publish') => [
      median(valuesOf(samples, name, `${what} p50 ms`), 2),
      spread(ratios(samples, [name, `${what} p50 ms`], [VARIANTS.array, `${what} p50 ms`]), 2),
      median(valuesOf(samples, name, `${what} p99 ms`), 1),
    ]
    const requests = median(valuesOf(samples, name, 'requests a lookup'), 2)
    return [name, ...speed('handshake'), ...speed('publish'), requests]
  })
  const head = ['handshake', 'ratio', 'p99', 'publish', 'ratio', 'p99', 'requests a lookup']
  return table(['apps from', ...head], rows)
}

function mediansOf(samples: Samples, measures: readonly (readonly [Measure, number])[]): string {
  const [[first] = ['lookups of an unknown key' as const]] = measures
  return medianTable(samples, 'apps from', variantsWith(samples, first), measures)
}

function variantsWith(samples: Samples, measure: Measure): readonly string[] {
  return Object.values(VARIANTS).filter((name) => valuesOf(samples, name, measure).length > 0)
}
