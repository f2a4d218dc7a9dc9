import { quantile, type Summary, summarize } from '../statistics.ts'
import type { Sample } from './measure.ts'

/** A number of a sample, if the sample has it. */
export type Read = (sample: Sample) => number | undefined

/** A quantile (0 to 1) of the handshakes of a round, in ms. */
export const handshake =
  (q: number): Read =>
  ({ handshakesMs }) =>
    handshakesMs && at(handshakesMs, q)

/** A quantile (0 to 1) of the publishes of a round, in ms. */
export const publish =
  (q: number): Read =>
  ({ publishesMs }) =>
    publishesMs && at(publishesMs, q)

/** What was measured of a variant, in the order of the rounds. */
export function valuesOf(samples: readonly Sample[], name: string, read: Read): readonly number[] {
  return samples
    .filter((sample) => sample.name === name)
    .sort((a, b) => a.round - b.round)
    .flatMap((sample) => read(sample) ?? [])
}

/** One variant's numbers divided by another's of the same round, or `undefined` when there are none. */
export function ratio(
  samples: readonly Sample[],
  name: string,
  other: string,
  read: Read,
): Summary | undefined {
  const others = valuesOf(samples, other, read)
  const values = valuesOf(samples, name, read)
  if (values.length === 0 || others.length !== values.length) return undefined
  return summarize(values.map((value, round) => value / (others[round] ?? Number.NaN)))
}

/** Something to reach: a ratio or a number of seconds, and the most that it may be. */
export type Figure = { readonly title: string; readonly goal: number; readonly found: Summary | undefined }

/** What the adapter is to reach, as found in these samples. */
export function figures(samples: readonly Sample[]): readonly Figure[] {
  const against = (title: string, goal: number, name: string, other: string): Figure[] => [
    { title: `${title}: handshake`, goal, found: ratio(samples, name, other, handshake(0.5)) },
    { title: `${title}: publish`, goal, found: ratio(samples, name, other, publish(0.5)) },
  ]
  const seconds = (name: string, read: Read): Summary | undefined => {
    const values = valuesOf(samples, name, read)
    return values.length > 0 ? summarize(values.map((ms) => ms / 1000)) : undefined
  }
  const unknown: Read = ({ unknownKeyLookups }) => unknownKeyLookups
  const refused = (title: string, name: string): Figure[] => [
    {
      title: `${title}: close 4100, s`,
      goal: 1,
      found: seconds(name, (sample) => sample.refusedHandshakeMs),
    },
    { title: `${title}: status 503, s`, goal: 1, found: seconds(name, (sample) => sample.refusedPublishMs) },
  ]
  return [
    ...against('warm / array driver', 1.1, 'warm', 'array'),
    ...against("cold, stub endpoint / soketi's DynamoDB driver", 0.5, 'cold-stub', 'dynamodb'),
    ...against("cold, local endpoint / soketi's DynamoDB driver", 0.5, 'cold', 'dynamodb'),
    {
      title: "lookups of an unknown key / soketi's DynamoDB driver",
      goal: 0.01,
      found: ratio(samples, 'adapter-unknown', 'dynamodb-unknown', unknown),
    },
    ...refused('outage, connections refused', 'refused'),
    ...refused('outage, no answers', 'hanging'),
  ]
}

function at(values: readonly number[], q: number): number {
  return quantile(
    [...values].sort((a, b) => a - b),
    q,
  )
}
