import { readFileSync } from 'node:fs'
import { beforeAll, describe, expect, it } from 'vitest'
import { APP_KEY_INDEX } from '../../functions/apps/table.ts'
import { AWS_METRICS } from './aws-metrics.ts'
import { collectLines, type LogLine } from './emitted.ts'
import { apiLogLine, metricsOf } from './log-filters.ts'
import { readResources, readWatchedMetrics, type WatchedMetric } from './watched-metrics.ts'

type Emf = {
  readonly CloudWatchMetrics: readonly {
    readonly Namespace: string
    readonly Dimensions: readonly (readonly string[])[]
    readonly Metrics: readonly { readonly Name: string }[]
  }[]
}
type Emitted = Pick<WatchedMetric, 'namespace' | 'name' | 'dimensions'>

const watched = readWatchedMetrics()
const own = watched.filter(({ namespace }) => !namespace.startsWith('AWS/'))
const title = ({ namespace, name, dimensions }: Emitted) =>
  `${namespace} ${name} by ${Object.entries(dimensions).flat().join(' ')}`
let lines: readonly LogLine[]
let emitted: readonly Emitted[]

/** Lines of the API's log that its filters count. */
const LOGGED = [
  { status: '429', consumer: 'soketi' },
  { status: '403', consumer: '-' },
  { status: '200', route: 'GET /changes' },
]

beforeAll(async () => {
  lines = await collectLines()
  emitted = [...lines.flatMap(ofLine), ...LOGGED.flatMap((line) => metricsOf(apiLogLine(line)))]
}, 60_000)

/** The metrics that CloudWatch makes of a line in its embedded metric format. */
function ofLine(line: LogLine): Emitted[] {
  const { CloudWatchMetrics = [] } = (line._aws ?? {}) as Partial<Emf>
  return CloudWatchMetrics.flatMap(({ Namespace, Dimensions, Metrics }) =>
    Metrics.filter(({ Name }) => Name in line).flatMap(({ Name }) =>
      Dimensions.map((keys) => ({
        namespace: Namespace,
        name: Name,
        dimensions: Object.fromEntries(keys.map((key) => [key, String(line[key])])),
      })),
    ),
  )
}

const matches = (metric: WatchedMetric) => (candidate: Emitted) =>
  candidate.namespace === metric.namespace &&
  candidate.name === metric.name &&
  Object.keys(candidate.dimensions).sort().join() === Object.keys(metric.dimensions).sort().join() &&
  Object.entries(metric.dimensions).every(
    ([key, value]) => value === '*' || candidate.dimensions[key] === value,
  )

describe('a metric of our own', () => {
  it.each(own.map((metric) => [metric.by, title(metric), metric] as const))(
    '%s: %s, is emitted',
    (_by, _title, metric) => {
      expect(emitted.some(matches(metric)), `of ${emitted.length} emitted`).toBe(true)
    },
  )

  it('is in an alarm or a widget, if functions emit it', () => {
    const seen = new Set(own.map(({ name }) => name))
    expect([...new Set(emitted.map(({ name }) => name))].filter((name) => !seen.has(name))).toEqual([])
  })

  it('is explained in docs/operate.md, and no other is', () => {
    const page = readFileSync(new URL('../../docs/operate.md', import.meta.url), 'utf8')
    const [, table = ''] = /\| metric \|.*\n\|.*\n((?:\|.*\n)+)/.exec(page) ?? []
    const explained = table.split('\n').flatMap((row) => row.split('|')[1]?.match(/\w+/g) ?? [])
    expect(explained.sort()).toEqual([...new Set(emitted.map(({ name }) => name))].sort())
  })
})

describe('a cold start', () => {
  it.each([...readResources('AWS::Serverless::Function').keys()])(
    "of %s is written with the duration of init and the memory, which Lambda's REPORT would have",
    (name) => {
      const started = lines.filter((line) => line.function_name === name && 'ColdStart' in line)
      expect(started.length).toBeGreaterThan(0)
      for (const { StartMs, memoryMB } of started) {
        expect(StartMs).toBeGreaterThan(0)
        expect(memoryMB).toBeGreaterThan(0)
      }
    },
  )
})

describe("a metric of AWS's", () => {
  const functions = [...readResources('AWS::Serverless::Function').keys()]
  const values: Readonly<Record<string, readonly string[]>> = {
    ApiId: [...readResources('AWS::Serverless::HttpApi').keys()],
    FunctionName: functions,
    TableName: ['apps'],
    GlobalSecondaryIndexName: [APP_KEY_INDEX],
  }

  it.each(
    watched
      .filter(({ namespace }) => namespace.startsWith('AWS/'))
      .map((metric) => [metric.by, title(metric), metric] as const),
  )('%s: %s, exists', (_by, _title, { namespace, name, dimensions }) => {
    expect(AWS_METRICS[namespace]?.names).toContain(name)
    expect(AWS_METRICS[namespace]?.dimensions).toContain(Object.keys(dimensions).join())
    for (const [key, value] of Object.entries(dimensions)) expect(values[key]).toContain(value)
  })

  it('is in an alarm or a widget, or not listed here', () => {
    for (const [namespace, { names }] of Object.entries(AWS_METRICS))
      for (const name of names)
        expect(
          watched.some((metric) => metric.namespace === namespace && metric.name === name),
          `${namespace} ${name}`,
        ).toBe(true)
  })
})
