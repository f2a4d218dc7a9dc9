import { readFileSync } from 'node:fs'
import { type Resource, resolveTemplate } from '../../dev/cloudformation.ts'
import { TEMPLATE } from '../../dev/stack.ts'

/** A metric of an alarm or a widget. A dimension whose value is found by a search is `*`. */
export type WatchedMetric = {
  readonly by: string
  readonly namespace: string
  readonly name: string
  readonly dimensions: Readonly<Record<string, string>>
}

/** A widget of the dashboard. */
export type Widget = {
  readonly type: 'alarm' | 'log' | 'metric' | 'text'
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
  readonly properties: {
    readonly title: string
    readonly region?: string
    readonly alarms?: readonly string[]
    readonly query?: string
    readonly markdown?: string
    readonly metrics?: readonly (readonly (string | Options)[])[]
  }
}
type Options = { readonly expression?: string }

/** The template's resources of a type, by their names. */
export function readResources(type: string, parameters: Readonly<Record<string, string>> = {}) {
  const resources = resolveTemplate(readFileSync(TEMPLATE, 'utf8'), parameters)
  return new Map([...resources].filter(([, resource]) => resource.Type === type))
}

/** The widgets of the template's dashboard. */
export function readWidgets(parameters: Readonly<Record<string, string>> = {}): readonly Widget[] {
  const [dashboard] = readResources('AWS::CloudWatch::Dashboard', parameters).values()
  return JSON.parse(String(dashboard?.Properties.DashboardBody)).widgets
}

/** The fields of a line of the API's log, each with its variable of API Gateway. */
export function readApiLog(): Readonly<Record<string, string>> {
  const [api] = readResources('AWS::Serverless::HttpApi').values()
  const settings = api?.Properties.AccessLogSettings as { readonly Format: string } | undefined
  return JSON.parse(settings?.Format ?? '{}')
}

/** Every metric of the template's alarms and dashboard. */
export function readWatchedMetrics(): readonly WatchedMetric[] {
  return [
    ...[...readResources('AWS::CloudWatch::Alarm')].flatMap(ofAlarm),
    ...readWidgets().flatMap(({ properties: { title, metrics = [] } }) => ofWidget(title, metrics)),
  ]
}

type AlarmMetric = {
  readonly Namespace: string
  readonly MetricName: string
  readonly Dimensions: readonly { readonly Name: string; readonly Value: string }[]
}

function ofAlarm([by, { Properties }]: [string, Resource]): WatchedMetric[] {
  const queries = (Properties.Metrics ?? []) as { MetricStat?: { Metric: AlarmMetric } }[]
  const metrics = Properties.MetricName
    ? [Properties as unknown as AlarmMetric]
    : queries.flatMap(({ MetricStat }) => MetricStat?.Metric ?? [])
  return metrics.map(({ Namespace, MetricName, Dimensions }) => ({
    by,
    namespace: Namespace,
    name: MetricName,
    dimensions: Object.fromEntries(Dimensions.map(({ Name, Value }) => [Name, Value])),
  }))
}

/**
 * The metrics of a widget. Rows are shortened: `.` is the same item as in the row before, `...` the same items up to those
 * that follow.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
 */
function ofWidget(by: string, rows: NonNullable<Widget['properties']['metrics']>): WatchedMetric[] {
  let previous: readonly string[] = []
  return rows.flatMap((row) => {
    const [first] = row
    if (typeof first === 'object') return first.expression ? ofSearch(by, first.expression) : []
    const items = row.filter((item) => typeof item === 'string')
    if (items[0] === '...') items.splice(0, 1, ...previous.slice(0, previous.length - items.length + 1))
    const [namespace = '', name = '', ...pairs] = items.map((item, index) =>
      item === '.' ? (previous[index] ?? '.') : item,
    )
    previous = [namespace, name, ...pairs]
    const dimensions = Object.fromEntries(
      Array.from({ length: pairs.length / 2 }, (_, index) => [pairs[2 * index], pairs[2 * index + 1]]),
    )
    return [{ by, namespace, name, dimensions }]
  })
}

/**
 * The metrics of `SEARCH('{"namespace","dimension",…} dimension="value" MetricName=("A" OR "B")', …)`; other
 * expressions name none. CloudWatch wants quotes around a name with other characters than letters and digits.
 */
function ofSearch(by: string, expression: string): WatchedMetric[] {
  if (!expression.startsWith('SEARCH(')) return []
  const [, schema = '', terms = ''] = /^SEARCH\('\{([^}]+)\} (.*)', '/.exec(expression) ?? []
  const [, names] = /MetricName=\(([^)]+)\)/.exec(terms) ?? []
  if (names === undefined) throw new Error(`${by} has a search that is not understood: ${expression}`)
  const [namespace = '', ...keys] = schema.split(',').map((name) => {
    const [, plain = ''] = /^"(.+)"$/.exec(name) ?? /^(\w+)$/.exec(name) ?? []
    if (plain === '') throw new Error(`${by} searches for ${name}, which needs quotes.`)
    return plain
  })
  const termOf = (key: string) => new RegExp(`\\b${key}="([^"]+)"`).exec(terms)?.[1] ?? '*'
  return names.split(' OR ').map((name) => ({
    by,
    namespace,
    name: name.replaceAll('"', ''),
    dimensions: Object.fromEntries(keys.map((key) => [key, termOf(key)])),
  }))
}
