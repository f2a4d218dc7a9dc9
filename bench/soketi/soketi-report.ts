import { type FigureRow, figuresOf, figureTable, median, spread, table } from '../report.ts'
import { ratios, type Sample, valuesOf } from '../rounds.ts'
import type { Report } from '../run-bench.ts'
import { type Measure, VARIANTS } from './soketi-jobs.ts'

const about = (timed: number) => `Each variant with a soketi 1.6.1 of its own, in random
order; ${timed} handshakes (pusher-js, until it is connected) and ${timed} publishes (the \`pusher\` SDK) one after the other, after a
tenth of that untimed. Only ratios within one run mean something: absolute times are this machine's, and depend on what
else it did.

- **cold**: every lookup is of an app that was not looked up before, so that it is in no cache. The adapter's limit on
  lookups of unknown apps is lifted; everything else has its default.
- **local endpoint**: the server of \`npm start\`, a process with a gateway in Node and the functions in threads of it, over the
  same DynamoDB Local that soketi's driver reads. A cold lookup includes that read, one more hop for the gateway, one for the
  thread, and the functions' own work, all on this machine's cores. It has no goal: the adapter's cold goal is for what the
  adapter does, on the stub endpoint.
- **stub endpoint**: an HTTP server in another process that responds at once, without authorizer, functions and DynamoDB.
  The time is that of the adapter's own work and one HTTP request.
- **unknown key**: 1,000 connections with one key that no app has, 50 at a time.
- **outage**: the adapter has detected that the endpoint does not respond. The known app's last response is older than its TTL, so that it is stale.
  For an unknown app, the adapter answers a publish with 503, and closes the WebSocket with 4100 once the client has waited 6
  to 7 s, after which clients retry;
  soketi's DynamoDB driver closes it with 4001 and answers 404, after which they do not. The figure is the time until then.
- soketi's DynamoDB driver opens a connection for each read, as it does by default.`

type Samples = readonly Sample<Measure>[]

const { array, warm, coldStub, cold, dynamodb, adapterUnknown, refuses, hangs, dynamodbOutage } = VARIANTS

const FIGURES: readonly FigureRow<Measure>[] = [
  ...compared('warm / array driver', 1.1, warm, array),
  ...compared("cold, stub endpoint / soketi's DynamoDB driver", 0.5, coldStub, dynamodb),
  ...compared("cold, local endpoint / soketi's DynamoDB driver", undefined, cold, dynamodb),
  [
    "lookups of an unknown key / soketi's DynamoDB driver",
    0.01,
    [adapterUnknown, 'lookups of an unknown key'],
    [dynamodb, 'lookups of an unknown key'],
  ],
  ['outage, connections refused: close 4100, s', 7.1, [refuses, 'WebSocket rejected after s']],
  ['outage, connections refused: status 503, s', 1, [refuses, 'publish rejected after s']],
  ['outage, no responses: close 4100, s', 7.1, [hangs, 'WebSocket rejected after s']],
  ['outage, no responses: status 503, s', 1, [hangs, 'publish rejected after s']],
  [`${dynamodbOutage}: close 4001, s`, undefined, [dynamodbOutage, 'WebSocket rejected after s']],
  [`${dynamodbOutage}: status 404, s`, undefined, [dynamodbOutage, 'publish rejected after s']],
]

export function report(samples: Samples, timed: number): Report {
  return {
    about: about(timed),
    tables: [
      'Figures: medians over the rounds of the ratio within a round; in brackets the middle half.',
      figureTable(figuresOf(samples, FIGURES)),
      'Speed in ms: medians over the rounds, and beside them the ratio to the array driver within a round.',
      speedTable(samples),
    ],
    samples,
  }
}

function compared(title: string, goal: number | undefined, variant: string, other: string) {
  return (['handshake', 'publish'] as const).map((what): FigureRow<Measure> => {
    return [`${title}: ${what}`, goal, [variant, `${what} p50 ms`], [other, `${what} p50 ms`]]
  })
}

function speedTable(samples: Samples): string {
  const rows = Object.values(VARIANTS)
    .filter((name) => valuesOf(samples, name, 'handshake p50 ms').length > 0)
    .map((name) => {
      const speed = (measure: Measure) => [
        median(valuesOf(samples, name, measure), 2),
        spread(ratios(samples, [name, measure], [array, measure]), 2),
      ]
      const requests = median(valuesOf(samples, name, 'requests a lookup'), 2)
      return [name, ...speed('handshake p50 ms'), ...speed('publish p50 ms'), requests]
    })
  return table(['apps from', 'handshake', 'ratio', 'publish', 'ratio', 'requests a lookup'], rows)
}
