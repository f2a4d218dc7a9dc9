import { type ChildProcess, fork } from 'node:child_process'
import { nextMessage } from '../child-message.ts'
import { quantile, shuffle } from '../statistics.ts'
import type { CannedDynamoDB } from './canned-dynamodb.ts'
import { checkAnswer } from './cold.ts'
import type { Variant } from './variants.ts'

/** A hit is answered from the function's memory, a miss by DynamoDB. */
export type Way = 'hit' | 'miss'

/** What a measuring process is for. */
export type WarmJob = {
  readonly file: string
  readonly event: Readonly<Record<string, unknown>>
  readonly by: Way
}

/** What it is told to do: so many calls to measure the processor time, and as many of which each is timed. */
export type Turn = { readonly calls: number }

/** What it finds: processor time of the whole process for the first half, and times until the answer in the second. */
export type TurnResult = {
  readonly cpuUs: number
  readonly timesUs: readonly number[]
  /** The last answer. */
  readonly answer: unknown
}

/** Microseconds a lookup, and requests to DynamoDB a lookup. */
export type Warm = {
  readonly cpuUs: number
  readonly p50Us: number
  readonly p99Us: number
  readonly requests: number
}

const TURNS = 10

// A hit costs a hundredth of a miss.
const HITS_A_MISS = 20

/**
 * Calls warm handlers over and over, each in a new process. They take turns of a tenth of a second, in random order:
 * what else the machine does hits all alike, which it does not when each is measured for seconds in one piece.
 *
 * @param calls how many misses are measured of each; of hits twenty times as many
 */
export async function measureWarm(
  wanted: readonly { readonly variant: Variant; readonly by: Way }[],
  calls: number,
  dynamodb: CannedDynamoDB,
): Promise<readonly { readonly name: string; readonly by: Way; readonly warm: Warm }[]> {
  const runners = wanted.map(({ variant, by }) => ({
    variant,
    by,
    calls: Math.ceil(calls / TURNS) * (by === 'hit' ? HITS_A_MISS : 1),
    child: startProcess(variant, by, dynamodb),
    turns: [] as (TurnResult & { readonly requests: number })[],
  }))
  try {
    for (const { variant, child, calls } of runners) await takeTurn(variant, child, { calls: 5 * calls })
    for (let turn = 0; turn < TURNS; turn++)
      for (const { variant, child, calls, turns } of shuffle(runners)) {
        const before = await dynamodb.requests()
        const result = await takeTurn(variant, child, { calls })
        turns.push({ ...result, requests: (await dynamodb.requests()) - before })
      }
  } finally {
    for (const { child } of runners) child.kill()
  }
  return runners.map(({ variant: { name }, by, calls, turns }) => ({
    name,
    by,
    warm: summarizeTurns(turns, calls * TURNS),
  }))
}

function summarizeTurns(turns: readonly (TurnResult & { readonly requests: number })[], calls: number): Warm {
  const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0)
  const timesUs = turns.flatMap((turn) => turn.timesUs).sort((a, b) => a - b)
  return {
    cpuUs: sum(turns.map(({ cpuUs }) => cpuUs)) / calls,
    p50Us: quantile(timesUs, 0.5),
    p99Us: quantile(timesUs, 0.99),
    requests: sum(turns.map(({ requests }) => requests)) / (2 * calls),
  }
}

function startProcess(
  { file, event, environment }: Variant,
  by: Way,
  dynamodb: CannedDynamoDB,
): ChildProcess {
  const job: WarmJob = { file, event, by }
  const child = fork(new URL('warm-process.ts', import.meta.url), {
    env: {
      ...dynamodb.environment,
      ...environment,
      AWS_LAMBDA_FUNCTION_NAME: 'bench',
      APP_CACHE_TTL_SECONDS: '3600',
      PRIME: 'off',
      BENCH_JOB: JSON.stringify(job),
    },
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  })
  child.stdout?.resume()
  return child
}

/** @throws {Error} if the process ends or hangs, or the handler does not answer the app. */
async function takeTurn(variant: Variant, child: ChildProcess, turn: Turn): Promise<TurnResult> {
  child.send(turn)
  const result = await nextMessage<TurnResult>(child, variant.name)
  checkAnswer(variant, result.answer)
  return result
}
