import { readFileSync } from 'node:fs'
import { yamlParse } from 'yaml-cfn'
import { TEMPLATE } from './stack.ts'

type Section = Readonly<Record<string, unknown>>

/**
 * A CloudFormation template with only the table of template.yaml, and the parameters and conditions that it needs. It is
 * for importing an existing table into a stack, because an import can't create other resources at the same time.
 */
export function tableTemplate() {
  const { Parameters, Conditions, Resources } = yamlParse(readFileSync(TEMPLATE, 'utf8'))
  const AppsTable = Resources.AppsTable
  const conditions = pick(Conditions, (chosen) => namedIn([AppsTable, chosen], ['Condition', 'Fn::If']))
  const parameters = pick(Parameters, () => namedIn([AppsTable, conditions], ['Ref']))
  return {
    AWSTemplateFormatVersion: '2010-09-09',
    Description: "soketi's table of apps, to be imported into a stack.",
    Parameters: parameters,
    Conditions: conditions,
    Resources: { AppsTable },
  }
}

/** The entries of a section that are referenced, directly or by other entries. */
function pick(
  section: Section,
  named: (chosen: Section) => ReadonlySet<string>,
  chosen: Section = {},
): Section {
  const names = named(chosen)
  const next = Object.fromEntries(Object.entries(section).filter(([name]) => names.has(name)))
  return Object.keys(next).length === Object.keys(chosen).length ? next : pick(section, named, next)
}

/** The names that these functions reference in a value: `{ Ref: name }`, `{ 'Fn::If': [name, …] }`. */
function namedIn(value: unknown, functions: readonly string[]): ReadonlySet<string> {
  if (typeof value !== 'object' || value === null) return new Set()
  return new Set(
    Object.entries(value).flatMap(([key, argument]) => {
      const [name] = functions.includes(key) ? [argument].flat() : []
      return [...(typeof name === 'string' ? [name] : []), ...namedIn(argument, functions)]
    }),
  )
}

// npm run -s table:template. A template body of CloudFormation is limited to 51,200 bytes.
if (import.meta.main) console.log(JSON.stringify(tableTemplate()))
