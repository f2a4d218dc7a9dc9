import { type Figure, figureTable, median, spread, table } from '../report.ts'
import { ratios, type Sample, valuesOf } from '../rounds.ts'
import type { Report } from '../run-bench.ts'
import type { Variant } from './variants.ts'

type ColdMeasure =
  | 'init ms'
  | 'first ms'
  | 'cold CPU ms'
  | 'first ms at 0.29 vCPU'
  | 'init and first ms at 0.29 vCPU'
type WarmMeasure<Way extends 'miss' | 'hit'> = `${Way} ${'CPU' | 'p50' | 'p99'} µs` | `requests a ${Way}`
export type Measure = ColdMeasure | WarmMeasure<'miss'> | WarmMeasure<'hit'>

type Samples = readonly Sample<Measure>[]

const ABOUT = `Each variant in a new process, in random order.
Only ratios within one run mean something: absolute times are this machine's, and depend on what else it did.

Cold is init and first invocation, through the runtime interface client of Lambda's Node 24 runtime, against a small
Runtime API and an HTTPS server that answers every read with the same app; processor time is of all threads. At 0.29
vCPU, a function's share at 512 MB, means from the first invocation on: Lambda does not throttle the init.
Warm is the handler alone, called over and over; a miss asks for another app each time.`

export function report(variants: readonly Variant[], samples: Samples): Report {
  return {
    about: ABOUT,
    tables: [
      'Figures: medians over the rounds of the ratio within a round; in brackets the middle half.',
      figureTable(figures(variants, samples)),
      'Cold start: init and first invocation through aws-lambda-ric.',
      coldTable(variants, samples),
      'Warm: microseconds a lookup.',
      warmTable(variants, samples),
    ],
    samples,
  }
}

function figures(variants: readonly Variant[], samples: Samples): readonly Figure[] {
  const bytesOf = (name: string) => variants.find((each) => each.name === name)?.bundle.bytes ?? Number.NaN
  const bytes = (name: string) => [bytesOf(name) / bytesOf('plain SDK and middy')]
  const of = (variant: string, other: string, measure: Measure, otherMeasure: Measure = measure) =>
    ratios(samples, [variant, measure], [other, otherMeasure])
  const throttled = 'init and first ms at 0.29 vCPU'
  return [
    { title: 'bytes of find by id', goal: 0.52, found: bytes('find by id') },
    { title: 'bytes of find by key', goal: 0.52, found: bytes('find by key') },
    { title: 'bytes of lookup', goal: 0.52, found: bytes('lookup') },
    {
      title: 'cold CPU, not primed',
      goal: 0.7,
      found: of('find by id, not primed', 'plain SDK and middy', 'cold CPU ms'),
    },
    {
      title: 'first invocation, primed',
      goal: 0.12,
      found: of('find by id', 'plain SDK and middy', 'first ms'),
    },
    {
      title: 'init and first invocation at 0.29 vCPU, primed',
      goal: 0.45,
      found: of('find by id', 'plain SDK and middy', throttled),
    },
    { title: 'the same, against aws-lite', goal: 1, found: of('find by id', 'aws-lite', throttled) },
    {
      title: "warm miss, CPU, against the SDK's GetItem alone",
      goal: 0.95,
      found: of('find by id', "SDK's GetItem alone", 'miss CPU µs'),
    },
    {
      title: "cache hit, CPU, against the SDK's GetItem alone",
      goal: 0.02,
      found: of('find by id', "SDK's GetItem alone", 'hit CPU µs', 'miss CPU µs'),
    },
    {
      title: 'authorizer, cold CPU, against an empty handler',
      goal: 1.15,
      found: of('authorizer', 'empty handler', 'cold CPU ms'),
    },
  ]
}

function coldTable(variants: readonly Variant[], samples: Samples): string {
  const throttled = 'init and first ms at 0.29 vCPU'
  const head = ['bytes', 'modules', 'init ms', 'first ms', 'CPU ms', 'ratio', 'sum at 0.29 vCPU ms', 'ratio']
  const rows = variants
    .filter(({ ways }) => ways.includes('cold'))
    .map(({ name, bundle }) => {
      const ratio = (measure: Measure) =>
        spread(ratios(samples, [name, measure], ['plain SDK and middy', measure]), 2)
      return [
        name,
        bundle.bytes.toLocaleString('en'),
        String(bundle.modules),
        median(valuesOf(samples, name, 'init ms'), 0),
        median(valuesOf(samples, name, 'first ms'), 1),
        median(valuesOf(samples, name, 'cold CPU ms'), 0),
        ratio('cold CPU ms'),
        median(valuesOf(samples, name, throttled), 0),
        ratio(throttled),
      ]
    })
  return table(['function', ...head], rows)
}

function warmTable(variants: readonly Variant[], samples: Samples): string {
  const measures = [
    ...(['miss CPU µs', 'miss p50 µs', 'miss p99 µs', 'requests a miss'] as const),
    ...(['hit CPU µs', 'hit p50 µs', 'hit p99 µs', 'requests a hit'] as const),
  ]
  const rows = variants
    .filter(({ ways }) => ways.includes('miss'))
    .map(({ name }) => [
      name,
      spread(ratios(samples, [name, 'miss CPU µs'], ["SDK's GetItem alone", 'miss CPU µs']), 2),
      ...measures.map((measure) =>
        median(valuesOf(samples, name, measure), /hit|requests/.test(measure) ? 2 : 0),
      ),
    ])
  return table(['function', 'ratio', ...measures], rows)
}
