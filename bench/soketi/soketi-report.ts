import { figureRow, median, spread } from '../figure.ts'
import type { Machine } from '../machine.ts'
import { ratio, valuesOf } from '../rounds.ts'
import { table } from '../table.ts'
import type { StockOutage } from './outage.ts'
import type { Sample } from './sample.ts'
import { figures, handshake, publish, type Read } from './soketi-figures.ts'
import type { Variant } from './soketi-variants.ts'
import type { Refusal } from './timing.ts'

export type Results = {
  readonly machine: Machine
  readonly variants: readonly Pick<Variant, 'name' | 'title'>[]
  readonly samples: readonly Sample[]
  readonly stockOutage: StockOutage
  readonly rounds: number
  /** How many handshakes, and how many publishes, are timed in a round. */
  readonly timed: number
}

/** The tables, in Markdown that a terminal shows as well. */
export function tables({ variants, samples, stockOutage }: Results): string {
  const ofVariants = (has: Read, row: (variant: Results['variants'][number]) => string[]) =>
    variants.filter(({ name }) => valuesOf(samples, name, has).length > 0).map(row)
  const middle = (name: string, read: Read, digits: number) => median(valuesOf(samples, name, read), digits)
  const ofArray = (name: string, read: Read) => spread(ratio(samples, [name, read], ['array', read]), 2)
  return [
    'Figures: medians over the rounds of the ratio within a round; in brackets the middle half of them.',
    table(['figure', 'found', 'goal', ''], figures(samples).map(figureRow)),
    'Speed in ms: medians over the rounds, and beside them the ratio to the array driver within a round.',
    table(
      ['apps from', 'handshake', 'ratio', 'p99', 'publish', 'ratio', 'p99', 'requests a lookup'],
      ofVariants(handshake(0.5), ({ name, title }) => [
        title,
        middle(name, handshake(0.5), 2),
        ofArray(name, handshake(0.5)),
        middle(name, handshake(0.99), 1),
        middle(name, publish(0.5), 2),
        ofArray(name, publish(0.5)),
        middle(name, publish(0.99), 1),
        middle(name, ({ requestsPerLookup }) => requestsPerLookup, 2),
      ]),
    ),
    'Lookups that 1,000 connections with one unknown key make, 50 connections at a time.',
    table(
      ['apps from', 'lookups'],
      ofVariants(unknownKeyLookups, ({ name, title }) => [title, middle(name, unknownKeyLookups, 0)]),
    ),
    'An app that is not known, in an outage that is known: what clients and backends are told, and after how long.',
    table(
      ['apps from', 'WebSocket', 'after s', 'publish', 'after s'],
      [
        [
          "soketi's DynamoDB driver, connections refused",
          codes(stockOutage.handshakes),
          range(stockOutage.handshakes),
          codes(stockOutage.publishes),
          range(stockOutage.publishes),
        ],
        ...ofVariants(refusedHandshakeMs, ({ name, title }) => [
          title,
          'close 4100',
          middle(name, (sample) => seconds(sample.refusedHandshakeMs), 2),
          'status 503',
          middle(name, (sample) => seconds(sample.refusedPublishMs), 2),
        ]),
      ],
    ),
  ].join('\n\n')
}

/** The whole of bench/soketi/RESULTS.md: the tables, how and where they were measured, and every round's values. */
export function results(all: Results): string {
  const { machine, rounds, samples, timed, variants, stockOutage } = all
  return `# What a lookup costs soketi, beside its own drivers

Written by \`npm run bench:soketi\`; do not edit. ${rounds} rounds, each variant with a soketi 1.6.1 of its own, in random
order; ${timed} handshakes (pusher-js, until it is connected) and ${timed} publishes (the \`pusher\` SDK) one after the other, with
as many as a tenth of that before them untimed. Only ratios within one run mean something: absolute times are this machine's,
and what else it did.

- **cold**: every lookup is of an app that nobody has asked for before, so that no cache holds it. The adapter's limit on
  lookups of apps it doesn't know is lifted; everything else has its default.
- **local endpoint**: the server of \`npm start\`, a process with a gateway in Node and the functions in threads of it, over the
  same DynamoDB Local that soketi's driver reads. A cold lookup has that read in it, one more hop for the gateway, one for the
  thread, and the functions' own work, all on this machine's cores, so it is a lookup and more; on AWS, API Gateway and Lambda
  are in its place. It has no goal: the adapter's cold goal is for what the adapter does, on the stub endpoint.
- **that holds the app**: the functions' cache has it, as after another node's lookup. What is left without DynamoDB's read.
- **stub endpoint**: an HTTP server in another process that answers at once, without authorizer, functions and DynamoDB. What
  is left is the adapter's own work and one HTTP request.
- **outage**: the endpoint is known not to answer. The known app's last answer is older than its TTL, so that it is a stale one.
- soketi's DynamoDB driver opens a connection for each read, as it does by default.

${Object.entries(machine)
  .map(([name, value]) => `- ${name}: ${value}`)
  .join('\n')}

${tables(all)}

## Every round's values

Times in ms, in the order of the rounds.

${table(
  ['apps from', 'value', 'rounds'],
  RAW.flatMap(([title, read, digits]) =>
    variants.flatMap((variant) => {
      const values = valuesOf(samples, variant.name, read)
      return values.length > 0
        ? [[variant.title, title, values.map((value) => value.toFixed(digits)).join(' ')]]
        : []
    }),
  ),
)}

soketi's DynamoDB driver in an outage, in s: handshakes ${list(stockOutage.handshakes)}; publishes ${list(stockOutage.publishes)}.
`
}

const unknownKeyLookups: Read = (sample) => sample.unknownKeyLookups
const refusedHandshakeMs: Read = (sample) => sample.refusedHandshakeMs
const refusedPublishMs: Read = (sample) => sample.refusedPublishMs

const RAW: readonly (readonly [string, Read, number])[] = [
  ['handshake, median', handshake(0.5), 3],
  ['handshake, p99', handshake(0.99), 2],
  ['publish, median', publish(0.5), 3],
  ['publish, p99', publish(0.99), 2],
  ['requests a lookup', (sample) => sample.requestsPerLookup, 3],
  ['close 4100, median of 5', refusedHandshakeMs, 0],
  ['status 503, median of 5', refusedPublishMs, 0],
  ['lookups of an unknown key', unknownKeyLookups, 0],
]

const seconds = (ms: number | undefined) => ms && ms / 1000
const list = (refusals: readonly Refusal[]) => refusals.map(({ ms }) => (ms / 1000).toFixed(1)).join(' ')
const codes = (refusals: readonly Refusal[]) => [...new Set(refusals.map(({ code }) => code))].join(', ')
const range = (refusals: readonly Refusal[]) => {
  const times = refusals.map(({ ms }) => ms / 1000)
  return `${Math.min(...times).toFixed(1)}–${Math.max(...times).toFixed(1)}`
}
