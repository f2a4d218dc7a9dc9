import type { CannedDynamoDB } from './canned-dynamodb.ts'
import { type ColdStart, measureColdStart } from './cold.ts'
import type { Quota } from './cpu.ts'
import { shuffle } from './statistics.ts'
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

/** One thing to measure in a round; a variant may have a sample for each way in which it is measured. */
type Job = { readonly name: string; run(): Promise<readonly Omit<Sample, 'round'>[]> }

/**
 * Measures everything `rounds` times, each time in a new process and each round in another order, so that what
 * else the machine does hits all variants alike.
 *
 * @param say is told what is being measured, and how far it is
 */
export async function measure(bench: Bench, say: (line: string) => void): Promise<readonly Sample[]> {
  const samples: Sample[] = []
  const jobs = [...bench.variants.flatMap((variant) => coldJobs(variant, bench)), ...warmJobs(bench)]
  const total = bench.rounds * jobs.length
  const startedAt = performance.now()
  let done = 0
  for (let round = 1; round <= bench.rounds; round++) {
    for (const { name, run } of shuffle(jobs)) {
      // Not before a round is over: the warm handlers take longer than all the rest.
      const leftMs = round > 1 ? ((performance.now() - startedAt) / done) * (total - done) : 0
      const left = leftMs > 0 ? `, about ${Math.ceil(leftMs / 1000)} s left` : ''
      say(`${++done} of ${total}: ${name}${left}`)
      samples.push(...(await run()).map((sample) => ({ ...sample, round })))
    }
  }
  return samples
}

function coldJobs(variant: Variant, { dynamodb, quota }: Bench): Job[] {
  const { name } = variant
  if (!variant.cold) return []
  const cold: Job = {
    name,
    run: async () => [{ name, cold: await measureColdStart(variant, dynamodb.environment) }],
  }
  const throttled: Job = {
    name,
    run: async () => [{ name, throttled: await measureColdStart(variant, dynamodb.environment, quota) }],
  }
  return quota ? [cold, throttled] : [cold]
}

function warmJobs({ variants, dynamodb, calls }: Bench): Job[] {
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
