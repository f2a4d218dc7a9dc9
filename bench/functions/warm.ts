import { quantile, shuffle, sum } from 'simple-statistics'
import { startChild } from '../child-process.ts'
import type { CannedDynamoDB } from './canned-dynamodb.ts'
import { checkAnswer } from './check-answer.ts'
import type { Variant } from './variants.ts'
import type { Turn, TurnResult, WarmJob } from './warm-process.ts'

/** Microseconds and DynamoDB requests per lookup. */
export type Warm = {
  readonly cpuUs: number
  readonly p50Us: number
  readonly p99Us: number
  readonly requests: number
}

const TURNS = 10
// A cache hit takes a hundredth of the time of a miss.
const HITS_A_MISS = 20

/**
 * Calls warm handlers repeatedly, each in a new process. They take turns of a tenth of a second, in random order, so that
 * other load on the machine affects all equally.
 *
 * @param calls the number of cache misses to measure; twenty times as many hits, and fewer batches
 */
export async function measureWarm(
  wanted: readonly { readonly variant: Variant; readonly way: 'hit' | 'miss' }[],
  calls: number,
  dynamodb: CannedDynamoDB,
): Promise<readonly { readonly name: string; readonly way: 'hit' | 'miss'; readonly warm: Warm }[]> {
  const runners = await Promise.all(
    wanted.map(async ({ variant, way }) => ({
      name: variant.name,
      way,
      calls: Math.ceil((calls * (way === 'hit' ? HITS_A_MISS : 1)) / TURNS / variant.apps),
      child: await startWarm(variant, way, dynamodb),
      turns: [] as (TurnResult & { requests: number })[],
    })),
  )
  try {
    // Until V8 has compiled the code.
    for (const { child, calls } of runners) await child.ask({ calls: 5 * calls } satisfies Turn)
    for (let turn = 0; turn < TURNS; turn++)
      for (const { name, calls, child, turns } of shuffle([...runners])) {
        const before = dynamodb.requests()
        const result = await child.ask<TurnResult>({ calls } satisfies Turn)
        checkAnswer(name, result.answer)
        turns.push({ ...result, requests: dynamodb.requests() - before })
      }
  } finally {
    for (const { child } of runners) child.stop()
  }
  return runners.map(({ name, way, calls, turns }) => {
    const timesUs = turns.flatMap((each) => each.timesUs)
    const warm = {
      cpuUs: sum(turns.map(({ cpuUs }) => cpuUs)) / (TURNS * calls),
      p50Us: quantile(timesUs, 0.5),
      p99Us: quantile(timesUs, 0.99),
      requests: sum(turns.map(({ requests }) => requests)) / (2 * TURNS * calls),
    }
    return { name, way, warm }
  })
}

/** Counts the reads per second of a handler that gets the same event at this rate per second. */
export async function countReads(
  variant: Variant,
  perSecond: number,
  seconds: number,
  dynamodb: CannedDynamoDB,
): Promise<number> {
  const child = await startWarm(variant, 'hit', dynamodb)
  await child.ask({ calls: 1 } satisfies Turn)
  const before = dynamodb.requests()
  const { answer } = await child.ask<TurnResult>({ calls: perSecond * seconds, perSecond } satisfies Turn)
  child.stop()
  checkAnswer(variant.name, answer)
  return (dynamodb.requests() - before) / seconds
}

function startWarm(
  { name, bundle, event, environment, varied }: Variant,
  way: 'hit' | 'miss',
  dynamodb: CannedDynamoDB,
) {
  const job: WarmJob = { file: bundle.file, event, varied: way === 'miss' ? varied : undefined }
  return startChild(name, new URL('warm-process.ts', import.meta.url), [JSON.stringify(job)], {
    env: {
      ...dynamodb.environment,
      ...environment,
      AWS_LAMBDA_FUNCTION_NAME: 'bench',
      APP_CACHE_TTL_SECONDS: '3600',
      PRIME: 'off',
    },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
}
