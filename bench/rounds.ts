import { type Summary, summarize } from './statistics.ts'

/** Something that was measured of one variant in one round. */
export type InRound = { readonly name: string; readonly round: number }

/** A number of a sample, if the sample has it. */
export type Read<S> = (sample: S) => number | undefined

/** What was measured of a variant in all rounds, in the order of the rounds. */
export function valuesOf<S extends InRound>(
  samples: readonly S[],
  name: string,
  read: Read<S>,
): readonly number[] {
  return [...byRound(samples, name, read).values()]
}

/** One variant's numbers divided by another's of the same round, or `undefined` when no round has both. */
export function ratio<S extends InRound>(
  samples: readonly S[],
  [name, read]: readonly [string, Read<S>],
  [otherName, readOther]: readonly [string, Read<S>],
): Summary | undefined {
  const others = byRound(samples, otherName, readOther)
  const ratios = [...byRound(samples, name, read)].flatMap(([round, value]) => {
    const other = others.get(round)
    return other === undefined ? [] : [value / other]
  })
  return ratios.length > 0 ? summarize(ratios) : undefined
}

function byRound<S extends InRound>(samples: readonly S[], name: string, read: Read<S>): Map<number, number> {
  const found = samples
    .filter((sample) => sample.name === name)
    .flatMap((sample) => {
      const value = read(sample)
      return value === undefined ? [] : [[sample.round, value] as const]
    })
  return new Map(found.sort(([a], [b]) => a - b))
}
