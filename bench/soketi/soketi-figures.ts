import type { Figure } from '../figure.ts'
import { type Read as ReadOf, ratio, valuesOf } from '../rounds.ts'
import { quantile, type Summary, summarize } from '../statistics.ts'
import type { Sample } from './sample.ts'

/** A number of a sample, if the sample has it. */
export type Read = ReadOf<Sample>

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

/** What the adapter is to reach, as found in these samples. */
export function figures(samples: readonly Sample[]): readonly Figure[] {
  const found = (name: string, other: string, read: Read) => ratio(samples, [name, read], [other, read])
  const against = (title: string, goal: number | undefined, name: string, other: string): Figure[] => [
    { title: `${title}: handshake`, goal, found: found(name, other, handshake(0.5)) },
    { title: `${title}: publish`, goal, found: found(name, other, publish(0.5)) },
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
    ...against("cold, local endpoint / soketi's DynamoDB driver", undefined, 'cold', 'dynamodb'),
    {
      title: "lookups of an unknown key / soketi's DynamoDB driver",
      goal: 0.01,
      found: found('adapter-unknown', 'dynamodb-unknown', unknown),
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
