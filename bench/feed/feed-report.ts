import { quantile, sum } from 'simple-statistics'
import { type Figure, figureTable, median, table } from '../report.ts'
import { ratios, type Sample, valuesOf } from '../rounds.ts'
import type { CatchUp } from './catch-up.ts'
import { KINDS, type Kind } from './changes.ts'
import type { Import } from './delivery.ts'
import type { RequestRates } from './following-node.ts'

/** The names of what is measured. */
export const VARIANTS = {
  node: 'adapter, polls every 5 s',
  fast: 'adapter, polls every second',
  array: 'array driver',
  quiet: 'adapter, without changes',
  changing: 'adapter, a change a second',
  dynamodb: "soketi's DynamoDB driver",
  poll: 'polls without a pause',
  import: 'import by the command line',
  environment: '1,000 polls a second on one environment',
  behind: 'far behind, entries of one change',
  behindUnlimited: 'far behind, entries of one change, no Limit',
  behindFull: 'far behind, entries of 100 changes',
  behindFullUnlimited: 'far behind, entries of 100 changes, no Limit',
} as const

export type Measure =
  | `${Kind} s`
  | keyof RequestRates
  | keyof Import
  | keyof CatchUp
  | `${'handshake' | 'publish'} p50 ms`
  | 'idle, % of a core'
  | 'reads a second'
  | 'write to hint ms'

export type FeedSample = Sample<Measure>

/** Stores the values of a variant: one, or one for each round or change. */
export type Recorder = (
  variant: string,
  measures: Readonly<Partial<Record<Measure, number | readonly number[]>>>,
) => void

export const ABOUT = `The server of \`npm start\` on a
DynamoDB Local with its streams, soketi 1.6.1 with the adapter, and changes by the command line of \`npx soketi-apps\`, all on
one machine. On AWS, the stream and Lambda take longer. Requests are counted for that time.

- **a change**: from the start of the command to the moment at which it shows: open sockets are closed with 4003 (disable) or
  4001 (delete, which the node reads twice, 5 s apart), client messages are delivered (update), or the old secret can no
  longer publish (rotate, with \`--now\`).
- **requests**: of a node that follows all its apps, while 50 random publishes a second arrive, each of which is a lookup.
- **warm**: medians over the rounds of the ratio within a round; in brackets the middle half.
- **idle**: processor time of all threads of a soketi without any load, side by side. soketi itself has some.
- **write to hint**: from the start of the command to the first poll that has it, each with another cursor. For the same
  cursor, an environment caches the result for up to a second.
- **1,000 polls a second**: the handler alone in a process, with a server in DynamoDB's place.
- **far behind**: a reader at the first entry of the change log polls until it has the last one. "No Limit" is the same with
  Queries of DynamoDB's own limit, 1 MB. A read unit is a consistent read of 4 KB.
- The import's entries of the change log include those of a few heartbeats.`

const REQUESTS = ['polls a second', 'batches a second', 'lookups a second'] as const

type Samples = readonly FeedSample[]

export function tables(samples: Samples): readonly string[] {
  return [
    figureTable(figures(samples)),
    'Until a change shows, in seconds.',
    changeTable(samples),
    'The requests of a node per second.',
    requestTable(samples),
  ]
}

/** What must not happen, even on a slow machine. */
export function failures(samples: Samples): readonly string[] {
  const most = (variant: string, measure: Measure) => Math.max(...valuesOf(samples, variant, measure))
  const missing = most(VARIANTS.import, 'apps that were not told')
  const reads = most(VARIANTS.environment, 'reads a second')
  return [
    ...(missing > 0 ? [`${missing} apps of the import were not told.`] : []),
    ...(reads > 1 ? [`One environment read the log ${reads} times a second.`] : []),
    ...[VARIANTS.quiet, VARIANTS.changing]
      .filter((variant) => most(variant, 'lookups a second') > 0)
      .map((variant) => `${variant}: apps that are followed were looked up.`),
  ]
}

function figures(samples: Samples): readonly Figure[] {
  const valuesAt = (variant: string, ...measures: Measure[]) =>
    measures.flatMap((measure) => [...valuesOf(samples, variant, measure)])
  const quantileOf = (q: number, values: number[]) => [quantile(values, q)]
  const changes = (variant: string) => valuesAt(variant, 'disable s', 'update s', 'rotate s')
  const requests = (variant: string) => [sum(valuesAt(variant, ...REQUESTS))]
  const warm = (measure: Measure) => ratios(samples, [VARIANTS.node, measure], [VARIANTS.array, measure])
  const idle = valuesAt(VARIANTS.node, 'idle, % of a core')
  const idleArray = valuesAt(VARIANTS.array, 'idle, % of a core')
  const toHint = valuesAt(VARIANTS.poll, 'write to hint ms')
  const readUnits = (variant: string) => sum(valuesAt(variant, 'read units'))
  const behind = [VARIANTS.behind, VARIANTS.behindFull]
  const most = (measure: keyof CatchUp) => [
    Math.max(...behind.flatMap((variant) => valuesAt(variant, measure))),
  ]
  const imported = (measure: keyof Import) => valuesAt(VARIANTS.import, measure)
  const rows: readonly (readonly [string, number | undefined, readonly number[], number?])[] = [
    ['a change, polls every 5 s, p50 s', 4, quantileOf(0.5, changes(VARIANTS.node))],
    ['a change, polls every 5 s, p99 s', 8, quantileOf(0.99, changes(VARIANTS.node))],
    ['a deletion, polls every 5 s, p99 s', 14, quantileOf(0.99, valuesAt(VARIANTS.node, 'delete s'))],
    ['a change, polls every second, p50 s', 1, quantileOf(0.5, changes(VARIANTS.fast))],
    ['requests a second, without changes', 0.23, requests(VARIANTS.quiet)],
    ['requests a second, a change a second', 1.2, requests(VARIANTS.changing)],
    ['of them lookups of one app', 0, valuesAt(VARIANTS.changing, 'lookups a second'), 3],
    ['warm handshake, following / array driver', 1.1, warm('handshake p50 ms')],
    ['warm publish, following / array driver', 1.1, warm('publish p50 ms')],
    ['idle and following, % of a core', undefined, idle],
    ['of it more than with the array driver', 0.1, [sum(idle) - sum(idleArray)]],
    ['write to hint, p50 ms', undefined, quantileOf(0.5, toHint), 0],
    ['write to hint, p99 ms', undefined, quantileOf(0.99, toHint), 0],
    ['1,000 polls a second: reads of DynamoDB a second', 1, valuesAt(VARIANTS.environment, 'reads a second')],
    [
      'far behind: read units, entries of one change / no Limit',
      0.22,
      [readUnits(VARIANTS.behind) / readUnits(VARIANTS.behindUnlimited)],
    ],
    [
      'far behind: read units, entries of 100 changes / no Limit',
      0.1,
      [readUnits(VARIANTS.behindFull) / readUnits(VARIANTS.behindFullUnlimited)],
    ],
    ['far behind: most read units of a poll', 52, most('read units'), 0],
    ['far behind: longest poll, ms', 500, most('poll ms'), 0],
    ['import: until all are told, s', undefined, imported('until all are told s')],
    ['import: apps that were not told', 0, imported('apps that were not told'), 0],
    ['import: entries of the change log', undefined, imported('entries of the change log'), 0],
  ]
  return rows.map(([title, goal, found, digits]) => ({ title, goal, found, digits }))
}

function changeTable(samples: Samples): string {
  const rows = [VARIANTS.node, VARIANTS.fast].flatMap((variant) =>
    KINDS.map((kind) => {
      const seconds = [...valuesOf(samples, variant, `${kind} s`)]
      const [p50, p99, longest] = quantile(seconds, [0.5, 0.99, 1]).map((value) => value.toFixed(2))
      return [variant, kind, String(seconds.length), String(p50), String(p99), String(longest)]
    }),
  )
  return table(['', 'change', 'number', 'p50', 'p99', 'longest'], rows)
}

function requestTable(samples: Samples): string {
  const variants = [VARIANTS.quiet, VARIANTS.changing, VARIANTS.dynamodb]
  const measures = [...REQUESTS, 'reads a second'] as const
  const rows = variants.map((variant) => [
    variant,
    ...measures.map((measure) => median(valuesOf(samples, variant, measure), 3)),
  ])
  return table(['', ...measures], rows)
}
