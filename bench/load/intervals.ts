import type { Drive, Driver } from './drive.ts'
import type { Endpoint, Memory } from './loaded-endpoint.ts'

/** What an interval is for: as many requests as possible, to get warm and for the throughput, or a fixed rate. */
export type Phase = 'warm-up' | 'fixed rate' | 'throughput'

/** Some seconds of load, and the endpoint's memory after them, when no request was under way. */
export type Interval = Drive & { readonly phase: Phase; readonly memory: Memory }

export const CONNECTIONS = 32
// Half of the throughput where that is less, because beyond it every answer would wait for the ones before.
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
export async function measure(
  endpoint: Endpoint,
  driver: Driver,
  minutes: number,
  say: (line: string) => void,
): Promise<readonly Interval[]> {
  const seconds = (60 * minutes) / PHASES.length
  const intervals: Interval[] = []
  for (const [index, phase] of PHASES.entries()) {
    say(`${phase}, ${((index * seconds) / 60).toFixed(1)} of ${minutes} min; ${progress(intervals.at(-1))}`)
    const drive =
      phase === 'fixed rate'
        ? await driver.pace(seconds, rateOf(intervals))
        : await driver.saturate(seconds, CONNECTIONS)
    intervals.push({ ...drive, phase, memory: await endpoint.memory() })
  }
  return intervals
}

/** Requests a second, of each interval of a phase. */
export function throughputOf(intervals: readonly Interval[], of: Phase = 'throughput'): number[] {
  return intervals
    .filter(({ phase }) => phase === of)
    .map(({ latencies, seconds }) => latencies.length / seconds)
}

/** The fixed rate, in requests a second, for an endpoint that has been as fast as in the warm-up. */
export function rateOf(intervals: readonly Interval[]): number {
  const half = Math.floor(Math.max(...throughputOf(intervals, 'warm-up')) / 2)
  return Math.max(1, Math.min(MAX_RATE, half))
}

/** What went wrong in all of them, and how often. */
export function problemsOf(intervals: readonly Interval[]): Readonly<Record<string, number>> {
  return sum(intervals.map(({ problems }) => problems))
}

/** The answers of all of them, by kind of request. */
export function answersOf(intervals: readonly Interval[]): Readonly<Record<string, number>> {
  return sum(intervals.map(({ answers }) => answers))
}

function sum(counts: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const total: Record<string, number> = {}
  for (const [name, count] of counts.flatMap((each) => Object.entries(each)))
    total[name] = (total[name] ?? 0) + count
  return total
}

function progress(last: Interval | undefined): string {
  if (!last) return 'starting'
  const { latencies, seconds, memory, problems } = last
  const errors = Object.values(problems).reduce((all, count) => all + count, 0)
  return `${Math.round(latencies.length / seconds)}/s, ${errors} errors, ${inMiB(memory.heap + memory.external)} MiB`
}

/** Bytes as MiB. */
export function inMiB(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(1)
}
