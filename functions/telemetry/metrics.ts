import type { Config } from '../config.ts'
import { type WriteLine, writeLine } from './log.ts'

type Metric = { readonly unit: 'Count' | 'Milliseconds'; readonly values: number[] }

/** The metrics of a function. */
export type Metrics = {
  /**
   * Adds to a count of this consumer; `times` is 1 by default. The count is written at the end of the request, or with
   * the next line if it can wait.
   */
  count(consumer: string, name: string, options?: { canWait?: boolean; times?: number }): void
  /** Adds a time in milliseconds. It is written at the end of the request, but not more often than once a second. */
  time(consumer: string, name: string, ms: number): void
  /** Writes the age of another region's heartbeat on its arrival, in ms, in a line of its own. */
  writeHeartbeatAge(region: string, ms: number): void
  /** Call at the end of init. The time since the start of the process becomes the duration of a cold start. */
  endInit(): void
  /** Call at the end of each request: counts the first one as a cold start of this function. */
  countColdStart(functionName: string): void
  /** Call at the end of each request: writes the metrics that are due. */
  endRequest(): void
}

// CloudWatch takes at most 100 values of one metric in a line.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
const MAX_VALUES = 100
const MAX_WAIT_MS = 10_000
// A write takes at least 30 µs, and a DynamoDB read 600 µs. Under load, one line therefore has the times of many reads.
const TIMES_WAIT_MS = 1000

/**
 * Metrics in CloudWatch's embedded metric format, as Powertools' Metrics writes them: one line per consumer, one per
 * cold start, and one per heartbeat of another region.
 *
 * Cache hits are counted in memory and written with the next line, or after 10 s, so that a hit causes no output. Reads
 * of the table are written at once, but at most once a second. Metrics that wait in a function that is never called
 * again are lost; failures do not wait.
 *
 * Each line has `memoryMB`, the most memory that the process has used so far: with the JSON log format, Lambda reports
 * neither memory nor the duration of init.
 */
export function createMetrics(
  { serviceName, metricsNamespace, startsOnDemand }: Config,
  write: WriteLine = writeLine,
): Metrics {
  const pending = new Map<string, Map<string, Metric>>()
  let dueAt = Number.POSITIVE_INFINITY
  let writtenAt = 0
  let isCold = startsOnDemand
  let startMs = msSinceStart()

  const valuesOf = (consumer: string, name: string, unit: Metric['unit']): number[] => {
    const metrics = pending.get(consumer) ?? new Map<string, Metric>()
    const metric = metrics.get(name) ?? { unit, values: [] }
    pending.set(consumer, metrics.set(name, metric))
    return metric.values
  }

  const writeMetrics = (Dimensions: string[][], Metrics: object[], values: object) => {
    const CloudWatchMetrics = [{ Namespace: metricsNamespace, Dimensions, Metrics }]
    const _aws = { Timestamp: Date.now(), CloudWatchMetrics }
    // maxRSS is in KiB. The first call takes 0.1 ms, later ones 3 µs.
    const memoryMB = Math.round(process.resourceUsage().maxRSS / 1024)
    write(JSON.stringify({ _aws, service: serviceName, ...values, memoryMB }))
  }

  const flush = () => {
    for (const [consumer, metrics] of pending)
      writeMetrics(
        [['service'], ['service', 'consumer']],
        [...metrics].map(([Name, { unit: Unit }]) => ({ Name, Unit })),
        { consumer, ...Object.fromEntries([...metrics].map(([name, { values }]) => [name, values])) },
      )
    pending.clear()
    writtenAt = Date.now()
    dueAt = Number.POSITIVE_INFINITY
  }

  return {
    count(consumer, name, { canWait = false, times = 1 } = {}) {
      const values = valuesOf(consumer, name, 'Count')
      values[0] = (values[0] ?? 0) + times
      dueAt = Math.min(dueAt, canWait ? Date.now() + MAX_WAIT_MS : 0)
    },
    time(consumer, name, ms) {
      if (valuesOf(consumer, name, 'Milliseconds').push(toTenths(ms)) === MAX_VALUES) flush()
      else dueAt = Math.min(dueAt, writtenAt + TIMES_WAIT_MS)
    },
    writeHeartbeatAge(region, ms) {
      const metrics = [{ Name: 'ReplicatedHeartbeatAge', Unit: 'Milliseconds' }]
      writeMetrics([['service', 'region']], metrics, { region, ReplicatedHeartbeatAge: toTenths(ms) })
    },
    endInit() {
      startMs = msSinceStart()
    },
    countColdStart(functionName) {
      if (!isCold) return
      isCold = false
      const metrics = [
        { Name: 'ColdStart', Unit: 'Count' },
        { Name: 'StartMs', Unit: 'Milliseconds' },
      ]
      const values = { function_name: functionName, ColdStart: 1, StartMs: startMs }
      writeMetrics([['service', 'function_name']], metrics, values)
    },
    endRequest() {
      if (Date.now() >= dueAt) flush()
    },
  }
}

/** The same as `performance.now()`, whose first use loads a module. */
function msSinceStart(): number {
  return toTenths(1000 * process.uptime())
}

/** Rounds to one decimal, because more digits would double the size of a batch's line. */
function toTenths(ms: number): number {
  return Math.round(10 * ms) / 10
}
