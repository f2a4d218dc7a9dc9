import type { Memory } from '../local-stack-process.ts'
import { say } from '../progress.ts'
import type { LoadGenerator, Outcome } from './load-generator.ts'

/** What an interval is for: as many requests as possible, to get warm and for the throughput, or a fixed rate. */
export type Phase = 'warm-up' | 'fixed rate' | 'throughput'

/** Some seconds of load, and the endpoint's memory after them, when no request was in flight. */
export type Interval = Outcome & { readonly phase: Phase; readonly memory: Memory }

export const CONNECTIONS = 32
// Half of the throughput where that is less, because beyond it every response would wait for the ones before.
const MAX_RATE = 300

// So many whatever the minutes, so that a short run is judged as a long one is. The fixed rate is on both sides of the
// throughput, because memory is compared where the load is the same: connections at work hold some MiB of buffers.
const PHASES: readonly Phase[] = [
  ...Array<Phase>(4).fill('warm-up'),
  ...Array<Phase>(11).fill('fixed rate'),
  ...Array<Phase>(16).fill('throughput'),
  ...Array<Phase>(9).fill('fixed rate'),
]

/** Loads the endpoint for some minutes. */
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

/** The fixed rate, in requests a second, for an endpoint that has been as fast as in the warm-up. */
export function fixedRate(intervals: readonly Interval[]): number {
  const warmUp = intervals.filter(({ phase }) => phase === 'warm-up').map(throughput)
  return Math.max(1, Math.min(MAX_RATE, Math.floor(Math.max(...warmUp) / 2)))
}
