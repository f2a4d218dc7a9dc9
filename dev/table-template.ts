import { readFileSync } from 'node:fs'
import { yamlParse } from 'yaml-cfn'
import { TEMPLATE } from './stack.ts'

type Section = Readonly<Record<string, unknown>>

/**
 * A CloudFormation template of the table alone, as template.yaml has it, with the parameters and conditions that it
 * needs: what an import takes, since an import can't make anything.
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

/** The entries of a section that are named, also by entries that were chosen before. */
function pick(
  section: Section,
  named: (chosen: Section) => ReadonlySet<string>,
  chosen: Section = {},
): Section {
  const names = named(chosen)
  const next = Object.fromEntries(Object.entries(section).filter(([name]) => names.has(name)))
  return Object.keys(next).length === Object.keys(chosen).length ? next : pick(section, named, next)
}

/** What these functions name anywhere in a value: `{ Ref: name }`, `{ 'Fn::If': [name, …] }`. */
function namedIn(value: unknown, functions: readonly string[]): ReadonlySet<string> {
  if (typeof value !== 'object' || value === null) return new Set()
  return new Set(
    Object.entries(value).flatMap(([key, argument]) => {
      const [name] = functions.includes(key) ? [argument].flat() : []
      return [...(typeof name === 'string' ? [name] : []), ...namedIn(argument, functions)]
    }),
  )
}

// npm run -s table:template. CloudFormation takes 51,200 bytes as a template body.
if (import.meta.main) console.log(JSON.stringify(tableTemplate()))
