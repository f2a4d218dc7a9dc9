import { type Summary, shuffle, summarize } from './statistics.ts'

/** Something that was measured of one variant in one round. */
export type InRound = { readonly name: string; readonly round: number }

/** Something to measure once a round: it gives a sample of each variant that it is about. */
export type Job<S extends InRound> = {
  readonly name: string
  run(round: number): Promise<readonly Omit<S, 'round'>[]>
}

/**
 * Does every job `rounds` times, each round in another order, so that what else the machine does hits all alike.
 *
 * @param say is told what is being measured, and how far it is
 */
export async function runRounds<S extends InRound>(
  jobs: readonly Job<S>[],
  rounds: number,
  say: (line: string) => void,
): Promise<readonly S[]> {
  const samples: S[] = []
  const total = rounds * jobs.length
  const startedAt = performance.now()
  let done = 0
  for (let round = 1; round <= rounds; round++) {
    for (const { name, run } of shuffle(jobs)) {
      const leftMs = done > 0 ? ((performance.now() - startedAt) / done) * (total - done) : 0
      const left = leftMs > 0 ? `, about ${Math.ceil(leftMs / 1000)} s left` : ''
      say(`${++done} of ${total}: ${name}${left}`)
      samples.push(...(await run(round)).map((sample) => ({ ...sample, round }) as S))
    }
  }
  return samples
}

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
