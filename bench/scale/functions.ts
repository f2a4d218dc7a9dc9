import { effectiveTtl, meanAge, periodicReads, stayTime } from './caches.ts'
import type { Load } from './load.ts'

/** What one function is asked for: keys that `sources` ask for once in `period` seconds each. */
export type Stream = { readonly count: number; readonly sources: number; readonly period: number }

/** How long a request is billed for, in seconds, when it carries `ids` names and leads to `reads` reads. */
export type Duration = (ids: number, reads: number) => number

/** What becomes of a function's requests. */
export type FunctionUse = {
  /** By Little's law: how many are under way on average. */
  readonly concurrency: number
  /** How many environments are kept warm by the peaks of it; each has a cache of its own. */
  readonly environments: number
  readonly readsPerSecond: number
  /** Reads a second of one key of each stream. */
  readonly reads: readonly number[]
  /** The mean age of the answers for each stream, in seconds. */
  readonly ages: readonly number[]
  readonly gbSecondsPerSecond: number
}

/** The template's default MemorySize. */
const MEMORY_GB = 0.5

/**
 * Billed durations, in seconds. A read: 506 µs of processor time (bench/functions/RESULTS.md, warm miss) at 512 MB's 0.29 vCPU,
 * and 4 ms for DynamoDB, an assumption ("single-digit milliseconds": https://aws.amazon.com/dynamodb/). The runtime's
 * own 1.5 ms is an assumption too, and so is 30 µs for a name in a batch; ten of a batch's reads run at a time.
 */
export const duration: Duration = (ids, reads) => {
  const cpu = (0.000506 / 0.29) * reads
  const rounds = Math.max(reads / Math.min(10, ids), -Math.expm1(-reads))
  return 0.0015 + 0.00003 * ids + cpu + 0.004 * rounds
}

/**
 * A function in one region. Requests are taken to be spread evenly over its environments, which is the worst for
 * their caches; the environments that live are those that four standard deviations of Poisson traffic need.
 */
export function useFunction(
  streams: readonly Stream[],
  { functionTtl, functionMaxApps }: Pick<Load, 'functionTtl' | 'functionMaxApps'>,
  idsPerRequest: number,
): FunctionUse {
  const names = streams.reduce((sum, { count, sources, period }) => sum + (count * sources) / period, 0)
  const requests = names / idsPerRequest
  let environments = 1
  let use = usedBy(environments)
  // Each step has at least the environments of the one before, so it ends.
  for (;;) {
    const needed = Math.max(1, Math.ceil(use.concurrency + 4 * Math.sqrt(use.concurrency)))
    if (needed <= environments) return use
    environments = needed
    use = usedBy(environments)
  }

  function usedBy(environments: number): FunctionUse {
    const demands = streams.map(({ count, sources, period }) => ({
      count,
      rate: sources / period / environments,
    }))
    const stay = stayTime(demands, functionMaxApps)
    const ttls = demands.map(({ rate }) => effectiveTtl(rate, functionTtl, stay))
    const reads = streams.map(
      ({ sources, period }, i) =>
        environments * periodicReads(sources / environments, period, ttls[i] ?? functionTtl),
    )
    const ages = streams.map(({ sources, period }, i) =>
      meanAge(sources / period, reads[i] ?? 0, ttls[i] ?? functionTtl),
    )
    const readsPerSecond = streams.reduce((sum, { count }, i) => sum + count * (reads[i] ?? 0), 0)
    const seconds = requests === 0 ? 0 : requests * duration(idsPerRequest, readsPerSecond / requests)
    return {
      concurrency: seconds,
      environments,
      readsPerSecond,
      reads,
      ages,
      gbSecondsPerSecond: seconds * MEMORY_GB,
    }
  }
}
