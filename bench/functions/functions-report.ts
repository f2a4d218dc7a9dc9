import { figureRow, median, spread } from '../figure.ts'
import type { Machine } from '../machine.ts'
import { ratio, valuesOf } from '../rounds.ts'
import { table } from '../table.ts'
import {
  coldCpuMs,
  figures,
  firstMs,
  hitCpuUs,
  initMs,
  missCpuUs,
  type Read,
  throttledMs,
} from './functions-figures.ts'
import type { Sample } from './measure-functions.ts'
import type { Variant } from './variants.ts'

export type Results = {
  readonly machine: Machine
  readonly variants: readonly Variant[]
  readonly samples: readonly Sample[]
  readonly rounds: number
  /** Why something is not there, if so. */
  readonly missing: readonly string[]
}

/** The tables, in Markdown that a terminal shows as well. */
export function tables({ variants, samples, missing }: Results): string {
  return [
    'Figures: medians over the rounds of the ratio within a round; in brackets the middle half of them.',
    table(['figure', 'ratio', 'goal', ''], figures(variants, samples).map(figureRow)),
    'Cold start: init and first invocation through aws-lambda-ric.',
    table(
      [
        'function',
        'bytes',
        'modules',
        'init ms',
        'first ms',
        'CPU ms',
        'CPU ratio',
        'sum at 0.29 vCPU ms',
        'ratio',
      ],
      variants.filter(({ cold }) => cold).map((variant) => coldRow(variant, samples)),
    ),
    'Warm: microseconds a lookup.',
    table(
      [
        'function',
        'miss CPU',
        'ratio',
        'miss p50',
        'miss p99',
        'hit CPU',
        'hit p50',
        'hit p99',
        'requests miss / hit',
      ],
      variants.filter(({ warm }) => warm).map((variant) => warmRow(variant, samples)),
    ),
    ...missing,
  ].join('\n\n')
}

/** The whole of bench/functions/RESULTS.md: the tables, where they were measured, and every value. */
export function results(all: Results): string {
  const { machine, rounds, samples } = all
  return `# What the functions cost, beside what else could be used

Written by \`npm run bench\`; do not edit. ${rounds} rounds, each variant in a fresh process, in random order.
Only ratios within one run mean something: absolute times are this machine's, and what else it did.

Cold is init and first invocation, through the runtime interface client that Lambda's Node 24 runtime uses, against
a small Runtime API and an HTTPS server that answers every read with the same app; processor time is of all threads.
At 0.29 vCPU, a function's share at 512 MB, means from the first invocation on: Lambda does not throttle the init.
Warm is the handler alone, called over and over; a miss asks for another app each time.

${Object.entries(machine)
  .map(([name, value]) => `- ${name}: ${value}`)
  .join('\n')}

${tables(all)}

## Every value

Times in ms (cold) and µs (warm), in the order of the rounds.

${table(
  ['function', 'value', 'rounds'],
  RAW.flatMap(([title, read, digits]) =>
    all.variants.flatMap(({ name }) => {
      const values = valuesOf(samples, name, read)
      return values.length > 0 ? [[name, title, values.map((value) => value.toFixed(digits)).join(' ')]] : []
    }),
  ),
)}
`
}

const RAW: readonly (readonly [string, Read, number])[] = [
  ['init ms', initMs, 1],
  ['first invocation ms', firstMs, 1],
  ['cold CPU ms', coldCpuMs, 1],
  ['init ms before 0.29 vCPU', ({ throttled }) => throttled?.initMs, 1],
  ['first invocation ms at 0.29 vCPU', ({ throttled }) => throttled?.firstMs, 1],
  ['miss CPU µs', missCpuUs, 0],
  ['hit CPU µs', hitCpuUs, 2],
]

function coldRow({ name, title, bytes, modules }: Variant, samples: readonly Sample[]): string[] {
  const ofPlain = (read: Read) => spread(ratio(samples, [name, read], ['plain-sdk', read]), 2)
  const middle = (read: Read) => median(valuesOf(samples, name, read), 0)
  return [
    title,
    bytes.toLocaleString('en'),
    String(modules),
    middle(initMs),
    median(valuesOf(samples, name, firstMs), 1),
    middle(coldCpuMs),
    ofPlain(coldCpuMs),
    middle(throttledMs),
    ofPlain(throttledMs),
  ]
}

function warmRow({ name, title }: Variant, samples: readonly Sample[]): string[] {
  const middle = (read: Read, digits: number) => median(valuesOf(samples, name, read), digits)
  return [
    title,
    middle(missCpuUs, 0),
    spread(ratio(samples, [name, missCpuUs], ['bare-sdk', missCpuUs]), 2),
    middle(({ miss }) => miss?.p50Us, 0),
    middle(({ miss }) => miss?.p99Us, 0),
    middle(hitCpuUs, 2),
    middle(({ hit }) => hit?.p50Us, 2),
    middle(({ hit }) => hit?.p99Us, 2),
    `${middle(({ miss }) => miss?.requests, 2)} / ${middle(({ hit }) => hit?.requests, 2)}`,
  ]
}
