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

type Job = { readonly name: string; run(): Promise<Omit<Sample, 'name' | 'round'>> }

/**
 * Measures everything `rounds` times, each time in a new process and each round in another order, so that what
 * else the machine does hits all variants alike.
 *
 * @param say is told what is being measured, and how far it is
 */
export async function measure(bench: Bench, say: (line: string) => void): Promise<readonly Sample[]> {
  const samples: Sample[] = []
  const jobs = bench.variants.flatMap((variant) => jobsOf(variant, bench))
  const total = bench.rounds * jobs.length
  const startedAt = performance.now()
  for (let round = 1; round <= bench.rounds; round++) {
    for (const { name, run } of shuffle(jobs)) {
      const done = samples.length
      const leftMs = done > 0 ? ((performance.now() - startedAt) / done) * (total - done) : 0
      const left = leftMs > 0 ? `, about ${Math.ceil(leftMs / 1000)} s left` : ''
      say(`${done + 1} of ${total}: ${name}${left}`)
      samples.push({ name, round, ...(await run()) })
    }
  }
  return samples
}

function jobsOf(variant: Variant, { dynamodb, quota, calls }: Bench): Job[] {
  const { name } = variant
  const cold: Job = {
    name,
    run: async () => ({ cold: await measureColdStart(variant, dynamodb.environment) }),
  }
  const throttled: Job = {
    name,
    run: async () => ({ throttled: await measureColdStart(variant, dynamodb.environment, quota) }),
  }
  const miss: Job = { name, run: async () => ({ miss: await measureWarm(variant, 'miss', calls, dynamodb) }) }
  const hit: Job = { name, run: async () => ({ hit: await measureWarm(variant, 'hit', calls, dynamodb) }) }
  return [
    ...(variant.cold ? [cold, ...(quota ? [throttled] : [])] : []),
    ...(variant.warm ? [miss] : []),
    ...(variant.warm && variant.caches ? [hit] : []),
  ]
}
