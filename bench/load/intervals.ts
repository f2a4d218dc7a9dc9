import type { Memory } from '../local-stack-process.ts'
import { say } from '../progress.ts'
import type { LoadGenerator, Outcome } from './load-generator.ts'

/** The purpose of an interval: as many requests as possible (warm-up and throughput), or a fixed rate. */
export type Phase = 'warm-up' | 'fixed rate' | 'throughput'

/** Some seconds of load, and the memory of the endpoint afterwards, with no request in flight. */
export type Interval = Outcome & { readonly phase: Phase; readonly memory: Memory }

export const CONNECTIONS = 32
// At most half of the throughput. Above it, responses would wait for each other.
const MAX_RATE = 300

// The number does not depend on the duration, so that short and long runs are judged alike. The fixed rate comes before and
// after the throughput, because memory is compared under the same load: busy connections have some MiB of buffers.
const PHASES: readonly Phase[] = [
  ...Array<Phase>(4).fill('warm-up'),
  ...Array<Phase>(11).fill('fixed rate'),
  ...Array<Phase>(16).fill('throughput'),
  ...Array<Phase>(9).fill('fixed rate'),
]

/** Puts load on the endpoint for some minutes. */
export async function measureIntervals(
  stack: { memory(): Promise<Memory> },
  generator: LoadGenerator,
  minutes: number,
): Promise<readonly Interval[]> {
  const seconds = (60 * minutes) / PHASES.length
  const intervals: Interval[] = []
  for (const [index, phase] of PHASES.entries()) {
    say(`${phase}, ${((index * seconds) / 60).toFixed(1)} of ${minutes} min`)
    const outcome =
      phase === 'fixed rate'
        ? await generator.pace(seconds, fixedRate(intervals))
        : await generator.saturate(seconds, CONNECTIONS)
    intervals.push({ ...outcome, phase, memory: await stack.memory() })
  }
  return intervals
}

/** Responses a second. */
export function throughput({ latencies, seconds }: Interval): number {
  return latencies.length / seconds
}

/** The fixed rate, in requests per second, for an endpoint with the throughput of the warm-up. */
export function fixedRate(intervals: readonly Interval[]): number {
  const warmUp = intervals.filter(({ phase }) => phase === 'warm-up').map(throughput)
  return Math.max(1, Math.min(MAX_RATE, Math.floor(Math.max(...warmUp) / 2)))
}
