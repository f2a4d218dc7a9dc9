import { shuffle, sum } from 'simple-statistics'
import { startChild } from '../child-process.ts'
import type { Measured } from '../rounds.ts'
import type { CannedDynamoDB } from './canned-dynamodb.ts'
import { checkResponse } from './check-response.ts'
import type { Variant } from './variants.ts'
import type { Turn, TurnResult, WarmJob } from './warm-process.ts'

/** Microseconds of processor time and DynamoDB requests per lookup. */
export type WarmMeasure = `${'miss' | 'hit'} CPU µs` | `requests a ${'miss' | 'hit'}`

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
  variants: readonly Variant[],
  calls: number,
  dynamodb: CannedDynamoDB,
): Promise<Measured<WarmMeasure>> {
  const wanted = (['miss', 'hit'] as const).flatMap((way) =>
    variants.filter(({ ways }) => ways.includes(way)).map((variant) => ({ variant, way })),
  )
  const runners = await Promise.all(
    wanted.map(async ({ variant, way }) => ({
      name: variant.name,
      way,
      calls: Math.ceil((calls * (way === 'hit' ? HITS_A_MISS : 1)) / TURNS / variant.apps),
      child: await startWarm(variant, way, dynamodb),
      turns: [] as { cpuUs: number; requests: number }[],
    })),
  )
  try {
    // Until V8 has compiled the code.
    for (const { child, calls } of runners) await child.ask({ calls: 15 * calls } satisfies Turn)
    for (let turn = 0; turn < TURNS; turn++)
      for (const { name, calls, child, turns } of shuffle([...runners])) {
        const before = dynamodb.requests()
        const { cpuUs, response } = await child.ask<TurnResult>({ calls } satisfies Turn)
        checkResponse(name, response)
        turns.push({ cpuUs, requests: dynamodb.requests() - before })
      }
  } finally {
    for (const { child } of runners) child.stop()
  }
  const measured: Record<string, Partial<Record<WarmMeasure, number>>> = {}
  for (const { name, way, calls, turns } of runners)
    measured[name] = {
      ...measured[name],
      [`${way} CPU µs`]: sum(turns.map(({ cpuUs }) => cpuUs)) / (TURNS * calls),
      [`requests a ${way}`]: sum(turns.map(({ requests }) => requests)) / (TURNS * calls),
    }
  return measured
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
  const { response } = await child.ask<TurnResult>({ calls: perSecond * seconds, perSecond } satisfies Turn)
  child.stop()
  checkResponse(variant.name, response)
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
