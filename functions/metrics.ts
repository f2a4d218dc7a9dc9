import type { Config } from './config.ts'
import { type WriteLine, writeLine } from './log.ts'

type Metric = { readonly unit: 'Count' | 'Milliseconds'; readonly values: number[] }

export type Metrics = {
  /** Counts one `name` for this consumer. A hit can wait to be written, anything else is written at the end of its request. */
  count(consumer: string, name: string, options?: { canWait: boolean }): void
  /** Adds a time in milliseconds, to be written at the end of its request. */
  time(consumer: string, name: string, ms: number): void
  /** To be called at the end of each request: counts the first as a cold start of this function. */
  countColdStart(functionName: string): void
  /** To be called at the end of each request: writes what there is, if it is due. */
  endRequest(): void
}

// CloudWatch takes at most 100 values of one metric in a line.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
const MAX_VALUES = 100
const MAX_WAIT_MS = 10_000

/**
 * Metrics in CloudWatch's embedded metric format, as Powertools' Metrics writes them: one line a consumer, and one
 * a cold start.
 *
 * Cache hits are counted in memory and written with the next line that is due, or after 10 s, so that a hit
 * costs no output; those of a function that is never called again are lost.
 */
export function createMetrics(
  { serviceName, metricsNamespace, startsOnDemand }: Config,
  write: WriteLine = writeLine,
): Metrics {
  const pending = new Map<string, Map<string, Metric>>()
  let due = false
  let pendingSince = 0
  let isCold = startsOnDemand

  const valuesOf = (consumer: string, name: string, unit: Metric['unit']): number[] => {
    if (pending.size === 0) pendingSince = Date.now()
    const metrics = pending.get(consumer) ?? new Map<string, Metric>()
    const metric = metrics.get(name) ?? { unit, values: [] }
    pending.set(consumer, metrics.set(name, metric))
    return metric.values
  }

  const writeMetrics = (Dimensions: string[][], Metrics: object[], values: object) => {
    const CloudWatchMetrics = [{ Namespace: metricsNamespace, Dimensions, Metrics }]
    write(
      JSON.stringify({ _aws: { Timestamp: Date.now(), CloudWatchMetrics }, service: serviceName, ...values }),
    )
  }

  const flush = () => {
    for (const [consumer, metrics] of pending)
      writeMetrics(
        [['service'], ['service', 'consumer']],
        [...metrics].map(([Name, { unit: Unit }]) => ({ Name, Unit })),
        { consumer, ...Object.fromEntries([...metrics].map(([name, { values }]) => [name, values])) },
      )
    pending.clear()
    due = false
  }

  return {
    count(consumer, name, { canWait } = { canWait: false }) {
      const values = valuesOf(consumer, name, 'Count')
      values[0] = (values[0] ?? 0) + 1
      due ||= !canWait
    },
    time(consumer, name, ms) {
      const values = valuesOf(consumer, name, 'Milliseconds')
      if (values.length < MAX_VALUES) values.push(ms)
      due = true
    },
    countColdStart(functionName) {
      if (!isCold) return
      isCold = false
      const metrics = [{ Name: 'ColdStart', Unit: 'Count' }]
      writeMetrics([['service', 'function_name']], metrics, { function_name: functionName, ColdStart: 1 })
    },
    endRequest() {
      if (due || (pending.size > 0 && Date.now() - pendingSince >= MAX_WAIT_MS)) flush()
    },
  }
}
