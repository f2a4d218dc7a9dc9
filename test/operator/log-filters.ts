import { readApiLog, readResources } from './watched-metrics.ts'

type Line = Readonly<Record<string, string>>

/** A metric that a filter makes of a line of the API's log. */
export type FilteredMetric = {
  readonly namespace: string
  readonly name: string
  readonly dimensions: Readonly<Record<string, string>>
}

type LogFilter = {
  readonly FilterPattern: string
  readonly MetricTransformations: readonly {
    readonly MetricNamespace: string
    readonly MetricName: string
    readonly Dimensions: readonly { readonly Key: string; readonly Value: string }[]
  }[]
}

/** A line of the API's log with these fields; the others are the names of API Gateway's variables. */
export const apiLogLine = (fields: Line): Line => ({ ...readApiLog(), ...fields })

/** The metrics that the template's filters make of a line. */
export function metricsOf(line: Line): readonly FilteredMetric[] {
  return [...readResources('AWS::Logs::MetricFilter').values()].flatMap(({ Properties }) => {
    const { FilterPattern, MetricTransformations } = Properties as LogFilter
    if (!matches(FilterPattern, line)) return []
    return MetricTransformations.map(({ MetricNamespace, MetricName, Dimensions }) => ({
      namespace: MetricNamespace,
      name: MetricName,
      dimensions: Object.fromEntries(
        Dimensions.map(({ Key, Value }) => [Key, String(line[Value.replace('$.', '')])]),
      ),
    }))
  })
}

/**
 * Whether a line has all the fields of `{ $.field = "value" && … }`.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
 */
function matches(pattern: string, line: Line): boolean {
  const [, terms] = /^\{ (.+) \}$/.exec(pattern) ?? []
  if (terms === undefined) throw new Error(`This filter is not understood: ${pattern}`)
  return terms.split(' && ').every((term) => {
    const [, field = '', value] = /^\$\.(\w+) = "([^"]*)"$/.exec(term) ?? []
    if (!(field in line)) throw new Error(`${pattern} names a field that the log does not have.`)
    return line[field] === value
  })
}
