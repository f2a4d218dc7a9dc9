import type { Quota } from '../cpu.ts'
import { type Job, runRounds } from '../rounds.ts'
import type { CannedDynamoDB } from './canned-dynamodb.ts'
import { type ColdStart, measureColdStart } from './cold.ts'
import type { Variant } from './variants.ts'
import { measureWarm, type Warm } from './warm.ts'

/** What was measured of one variant in one round; a way in which a variant is not measured is absent. */
export type Sample = {
  readonly name: string
  readonly round: number
  readonly cold?: ColdStart
  readonly throttled?: ColdStart
  readonly miss?: Warm
  readonly hit?: Warm
}

export type Bench = {
  readonly variants: readonly Variant[]
  readonly dynamodb: CannedDynamoDB
  /** Absent where this machine allows none. */
  readonly quota: Quota | undefined
  readonly rounds: number
  /** How many warm misses a measurement takes. */
  readonly calls: number
}

/**
 * Measures everything `rounds` times, each time in a new process.
 *
 * @param say is told what is being measured, and how far it is
 */
export function measure(bench: Bench, say: (line: string) => void): Promise<readonly Sample[]> {
  const jobs = [...bench.variants.flatMap((variant) => coldJobs(variant, bench)), ...warmJobs(bench)]
  return runRounds(jobs, bench.rounds, say)
}

function coldJobs(variant: Variant, { dynamodb, quota }: Bench): Job<Sample>[] {
  const { name } = variant
  if (!variant.cold) return []
  const cold: Job<Sample> = {
    name,
    run: async () => [{ name, cold: await measureColdStart(variant, dynamodb.environment) }],
  }
  const throttled: Job<Sample> = {
    name,
    run: async () => [{ name, throttled: await measureColdStart(variant, dynamodb.environment, quota) }],
  }
  return quota ? [cold, throttled] : [cold]
}

function warmJobs({ variants, dynamodb, calls }: Bench): Job<Sample>[] {
  const warm = variants.filter((variant) => variant.warm)
  const wanted = [
    ...warm.map((variant) => ({ variant, by: 'miss' as const })),
    ...warm.filter(({ caches }) => caches).map((variant) => ({ variant, by: 'hit' as const })),
  ]
  if (wanted.length === 0) return []
  const run = async () => {
    const found = await measureWarm(wanted, calls, dynamodb)
    return found.map(({ name, by, warm }) => ({ name, [by]: warm }))
  }
  return [{ name: 'all warm handlers, in turns', run }]
}
