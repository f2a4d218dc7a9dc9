import { type Figure, type FigureRow, figuresOf, figureTable, median, spread, table } from '../report.ts'
import { ratios, type Sample, valuesOf } from '../rounds.ts'
import type { Report } from '../run-bench.ts'
import { POLL, type Variant } from './variants.ts'
import type { WarmMeasure } from './warm.ts'

type ColdMeasure = 'init ms' | 'first ms' | 'cold CPU ms' | 'init and first ms at 0.29 vCPU'
export type Measure = ColdMeasure | WarmMeasure

type Samples = readonly Sample<Measure>[]

const ABOUT = `Each variant in a new process, in random order.
Only ratios within one run mean something: absolute times are this machine's, and depend on what else it did.

Cold is init and first invocation, through the runtime interface client of Lambda's Node 24 runtime, against a small
Runtime API and an HTTPS server that answers every read with the same app. To and from this server, everything takes 1 ms
or a little more each way. Processor time is of all threads. At 0.29 vCPU, a function's share at 512 MB, means from the
first invocation on: Lambda does not throttle the init.
Warm is the handler alone, called repeatedly, without that delay; for a miss, each call looks up another app.`

export function report(variants: readonly Variant[], samples: Samples): Report {
  return {
    about: ABOUT,
    tables: [
      'Figures: medians over the rounds of the ratio within a round; in brackets the middle half.',
      figureTable(figures(variants, samples)),
      'Cold start: init and first invocation through aws-lambda-ric.',
      coldTable(variants, samples),
      'Warm: microseconds of processor time a lookup.',
      warmTable(variants, samples),
    ],
    samples,
  }
}

const PLAIN = 'plain SDK and middy'
const BARE = "SDK's GetItem alone"
const THROTTLED = 'init and first ms at 0.29 vCPU'

const FIGURES: readonly FigureRow<Measure>[] = [
  ['cold CPU, not primed', 0.7, ['find by id, not primed', 'cold CPU ms'], [PLAIN, 'cold CPU ms']],
  ['first invocation, primed', 0.12, ['find by id', 'first ms'], [PLAIN, 'first ms']],
  ['init and first invocation at 0.29 vCPU, primed', 0.45, ['find by id', THROTTLED], [PLAIN, THROTTLED]],
  ['the same, against aws-lite', 1, ['find by id', THROTTLED], ['aws-lite', THROTTLED]],
  [
    "warm miss, CPU, against the SDK's GetItem alone",
    0.95,
    ['find by id', 'miss CPU µs'],
    [BARE, 'miss CPU µs'],
  ],
  [
    "cache hit, CPU, against the SDK's GetItem alone",
    0.02,
    ['find by id', 'hit CPU µs'],
    [BARE, 'miss CPU µs'],
  ],
  [
    'authorizer, cold CPU, against an empty handler',
    1.15,
    ['authorizer', 'cold CPU ms'],
    ['empty handler', 'cold CPU ms'],
  ],
]

function figures(variants: readonly Variant[], samples: Samples): readonly Figure[] {
  const bytesOf = (name: string) => variants.find((each) => each.name === name)?.bundle.bytes ?? Number.NaN
  return [
    ...['find by id', 'find by key', 'lookup', POLL].map((name) => ({
      title: `bytes of ${name}`,
      goal: 0.52,
      found: [bytesOf(name) / bytesOf(PLAIN)],
    })),
    ...figuresOf(samples, FIGURES),
    {
      title: '20 polls of the feed in a second, CPU, against 20 cache hits and one GetItem',
      goal: 1,
      found: pollRatios(samples),
    },
  ]
}

/** The change log is read once per second. The other polls are answered from the cache. */
function pollRatios(samples: Samples): readonly number[] {
  const values = (name: string, measure: Measure) => valuesOf(samples, name, measure)
  const hits = values('find by id', 'hit CPU µs')
  const reads = values(BARE, 'miss CPU µs')
  const misses = values(POLL, 'miss CPU µs')
  return values(POLL, 'hit CPU µs').map((poll, round) => {
    const at = (numbers: readonly number[]) => numbers[round] ?? Number.NaN
    return (19 * poll + at(misses)) / (20 * at(hits) + at(reads))
  })
}

function coldTable(variants: readonly Variant[], samples: Samples): string {
  const head = ['bytes', 'modules', 'init ms', 'first ms', 'CPU ms', 'ratio', 'sum at 0.29 vCPU ms', 'ratio']
  const rows = variants
    .filter(({ ways }) => ways.includes('cold'))
    .map(({ name, bundle }) => {
      const ratio = (measure: Measure) => spread(ratios(samples, [name, measure], [PLAIN, measure]), 2)
      return [
        name,
        bundle.bytes.toLocaleString('en'),
        String(bundle.modules),
        median(valuesOf(samples, name, 'init ms'), 0),
        median(valuesOf(samples, name, 'first ms'), 1),
        median(valuesOf(samples, name, 'cold CPU ms'), 0),
        ratio('cold CPU ms'),
        median(valuesOf(samples, name, THROTTLED), 0),
        ratio(THROTTLED),
      ]
    })
  return table(['function', ...head], rows)
}

function warmTable(variants: readonly Variant[], samples: Samples): string {
  const measures = ['miss CPU µs', 'requests a miss', 'hit CPU µs', 'requests a hit'] as const
  const rows = variants
    .filter(({ ways }) => ways.includes('miss'))
    .map(({ name }) => [
      name,
      spread(ratios(samples, [name, 'miss CPU µs'], [BARE, 'miss CPU µs']), 2),
      ...measures.map((measure) =>
        median(valuesOf(samples, name, measure), measure === 'miss CPU µs' ? 0 : 2),
      ),
    ])
  return table(['function', 'ratio', ...measures], rows)
}
