import { fork } from 'node:child_process'
import { once } from 'node:events'
import type { CannedDynamoDB } from './canned-dynamodb.ts'
import { checkAnswer } from './cold.ts'
import type { Variant } from './variants.ts'

/** A hit is answered from the function's memory, a miss by DynamoDB. */
export type Way = 'hit' | 'miss'

/** What a measuring process is told. */
export type WarmJob = {
  readonly file: string
  readonly event: Readonly<Record<string, unknown>>
  readonly by: Way
  readonly calls: number
  readonly warmUpCalls: number
}

/** What it finds, in microseconds a lookup: processor time of the whole process, and time until the answer. */
export type WarmResult = {
  readonly cpuUs: number
  readonly p50Us: number
  readonly p99Us: number
  /** The last answer. */
  readonly answer: unknown
}

export type Warm = Omit<WarmResult, 'answer'> & {
  /** Requests to DynamoDB a lookup. */
  readonly requests: number
}

/**
 * Calls a handler over and over in a new process.
 *
 * @param calls how many misses are measured; of hits, which cost a hundredth, twenty times as many
 */
export async function measureWarm(
  variant: Variant,
  by: Way,
  calls: number,
  dynamodb: CannedDynamoDB,
): Promise<Warm> {
  const measured = by === 'hit' ? 20 * calls : calls
  const { file, event } = variant
  const job: WarmJob = { file, event, by, calls: measured, warmUpCalls: measured }
  const before = await dynamodb.requests()
  const child = fork(new URL('warm-process.ts', import.meta.url), {
    env: {
      ...dynamodb.environment,
      ...variant.environment,
      AWS_LAMBDA_FUNCTION_NAME: 'bench',
      APP_CACHE_TTL_SECONDS: '3600',
      PRIME: 'off',
      BENCH_JOB: JSON.stringify(job),
    },
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  })
  child.stdout?.resume()
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`${variant.name} ended with ${code} before it was measured.`)
  })
  const [result] = (await Promise.race([once(child, 'message'), ended])) as [WarmResult]
  await ended.catch(() => undefined)
  const { answer, ...times } = result
  checkAnswer(variant, answer)
  const requests = (await dynamodb.requests()) - before
  return { ...times, requests: Math.round((100 * requests) / (3 * measured + 1)) / 100 }
}
