import { shuffle } from 'simple-statistics'
import { say } from './progress.ts'

/** A value of one variant in one round. */
export type Sample<Measure extends string = string> = {
  readonly variant: string
  readonly measure: Measure
  readonly round: number
  readonly value: number
}

/** What was measured, by variant and measure. */
export type Measured<Measure extends string> = Readonly<
  Record<string, Readonly<Partial<Record<Measure, number>>>>
>

/** A measurement of one or more variants, made once per round. */
export type Job<Measure extends string> = {
  readonly name: string
  run(round: number): Promise<Measured<Measure>>
}

/** Runs every job once per round, in a different order in each, so that other load on the machine affects all equally. */
export async function measureRounds<Measure extends string>(
  jobs: readonly Job<Measure>[],
  rounds: number,
): Promise<readonly Sample<Measure>[]> {
  const samples: Sample<Measure>[] = []
  const total = rounds * jobs.length
  const startedAt = performance.now()
  let done = 0
  for (let round = 1; round <= rounds; round++) {
    for (const { name, run } of shuffle([...jobs])) {
      const leftS = done > 0 ? ((performance.now() - startedAt) / done / 1000) * (total - done) : 0
      say(`${++done} of ${total}: ${name}${leftS > 0 ? `, about ${Math.ceil(leftS)} s left` : ''}`)
      samples.push(...samplesOf(await run(round), round))
    }
  }
  return samples
}

/** What was measured in one round, as samples. */
export function samplesOf<Measure extends string>(
  measured: Measured<Measure>,
  round: number,
): Sample<Measure>[] {
  return Object.entries(measured).flatMap(([variant, values]) =>
    (Object.entries(values) as [Measure, number][]).map(([measure, value]) => {
      return { variant, measure, round, value }
    }),
  )
}

/** The values of a variant, in the order of the rounds. */
export function valuesOf<Measure extends string>(
  samples: readonly Sample<Measure>[],
  variant: string,
  measure: Measure,
): readonly number[] {
  return samples
    .filter((each) => each.variant === variant && each.measure === measure)
    .map(({ value }) => value)
}

/** The values of one variant divided by those of another in the same round. Rounds that lack one of them are left out. */
export function ratios<Measure extends string>(
  samples: readonly Sample<Measure>[],
  [variant, measure]: readonly [string, Measure],
  [otherVariant, otherMeasure]: readonly [string, Measure],
): readonly number[] {
  return samples
    .filter((each) => each.variant === variant && each.measure === measure)
    .flatMap(({ round, value }) => {
      const other = samples.find(
        (each) => each.variant === otherVariant && each.measure === otherMeasure && each.round === round,
      )
      return other ? [value / other.value] : []
    })
}
