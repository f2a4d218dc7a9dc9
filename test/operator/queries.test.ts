import { readFileSync } from 'node:fs'
import { beforeAll, describe, expect, it } from 'vitest'
import { collectLines, type LogLine } from './emitted.ts'
import { readApiLog, readResources, readWidgets } from './watched-metrics.ts'

type Query = { readonly name: string; readonly groups: readonly string[]; readonly text: string }

const saved: Query[] = [...readResources('AWS::Logs::QueryDefinition').values()].map(({ Properties }) => ({
  name: String(Properties.Name),
  groups: Properties.LogGroupNames as string[],
  text: String(Properties.QueryString),
}))
const shown: Query[] = readWidgets().flatMap(({ properties: { title, query } }) =>
  query === undefined
    ? []
    : [
        {
          name: title,
          groups: [...query.matchAll(/SOURCE '(\w+)'/g)].map(([, group = '']) => group),
          text: query.replaceAll(/SOURCE '\w+' \|/g, ''),
        },
      ],
)
const logGroups = readResources('AWS::Logs::LogGroup')

// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax.html
const WORDS = new Set(
  'and as asc by count desc fields filter in ispresent like limit max min or parse pct sort stats sum'.split(
    ' ',
  ),
)

// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_AnalyzeLogData-discoverable-fields.html
const ANY_FIELDS = ['@timestamp', '@log', '@logStream', '@message']

/** The fields of the log that a query reads: its words, but for the language's own and the names it gives itself. */
function fieldsOf({ text }: Query): string[] {
  const code = text.replaceAll(/"[^"]*"/g, '')
  const given = new Set([...code.matchAll(/\bas (\w+)/g)].map(([, name]) => name))
  const words = code.match(/@?[A-Za-z_][\w.]*/g) ?? []
  return words.filter((word) => !WORDS.has(word) && !given.has(word))
}

/** The fields that Logs Insights finds in a line: `DynamoDBTime.0` is the first of a list. */
function fieldsIn(line: LogLine): string[] {
  return Object.entries(line).flatMap(([name, value]) =>
    Array.isArray(value) ? value.map((_, index) => `${name}.${index}`) : [name],
  )
}

let ofFunctions: readonly string[]
beforeAll(async () => {
  ofFunctions = (await collectLines()).flatMap(fieldsIn)
}, 60_000)

/** The fields that the lines of a log group have. */
const fieldsOfGroup = (group: string) => (group === 'ApiLogGroup' ? Object.keys(readApiLog()) : ofFunctions)

describe.each([...saved, ...shown])('the query "$name"', (query) => {
  it('reads log groups of the stack, and fields that their lines have', () => {
    const known = new Set([...ANY_FIELDS, ...query.groups.flatMap(fieldsOfGroup)])
    expect(query.groups.length).toBeGreaterThan(0)
    for (const group of query.groups) expect([...logGroups.keys()]).toContain(group)
    expect(fieldsOf(query).length).toBeGreaterThan(0)
    expect(fieldsOf(query).filter((field) => !known.has(field))).toEqual([])
  })
})

it("the API's log has only fields that a query, a metric filter or docs/operate.md uses", () => {
  const filters = JSON.stringify([...readResources('AWS::Logs::MetricFilter').values()])
  const page = readFileSync(new URL('../../docs/operate.md', import.meta.url), 'utf8')
  const used = new Set([
    ...saved.flatMap(fieldsOf),
    ...[...filters.matchAll(/\$\.(\w+)/g)].map(([, name]) => name),
    ...[...page.matchAll(/`(\w+)`/g)].map(([, name]) => name),
  ])
  expect(Object.keys(readApiLog()).filter((name) => !used.has(name))).toEqual([])
})

it('docs/operate.md explains each saved query', () => {
  const page = readFileSync(new URL('../../docs/operate.md', import.meta.url), 'utf8')
  const [, table = ''] = /\| query \|.*\n.*\n((?: *\|.*\n)+)/.exec(page) ?? []
  const explained = [...table.matchAll(/^ *\| ([^|]+) \|/gm)].map(([, name]) => `local/${name}`)
  expect(explained.sort()).toEqual(saved.map(({ name }) => name).sort())
})
