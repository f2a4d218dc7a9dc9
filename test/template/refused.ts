import { yamlParse } from 'yaml-cfn'
import { resolveTemplate } from '../../dev/cloudformation.ts'
import { TEMPLATE_TEXT } from './resolved.ts'

type Parameter = {
  readonly Type: string
  readonly Default?: string | number
  readonly AllowedPattern?: string
  readonly AllowedValues?: readonly (string | number)[]
  readonly MinValue?: number
  readonly MaxValue?: number
  readonly MaxLength?: number
}
type Rule = {
  readonly RuleCondition?: unknown
  readonly Assertions: readonly { readonly Assert: unknown; readonly AssertDescription: string }[]
}
type Values = Readonly<Record<string, string>>

const template = yamlParse(TEMPLATE_TEXT)

/** The template's parameters, with their constraints. */
export const PARAMETERS: Readonly<Record<string, Parameter>> = template.Parameters

/** The template's rules. */
export const RULES: Readonly<Record<string, Rule>> = template.Rules

/** The parameters and rules by which CloudFormation rejects these values before it creates anything. */
export function refusedBy(values: Values): readonly string[] {
  const parameters = Object.keys(PARAMETERS).filter(
    (name) => !isAllowed(PARAMETERS[name] as Parameter, values[name]),
  )
  return [...parameters, ...Object.keys(RULES).filter((name) => !isKept(RULES[name] as Rule, values))]
}

function isAllowed(parameter: Parameter, given: string | undefined): boolean {
  const value = String(given ?? parameter.Default)
  const { AllowedPattern, AllowedValues, MinValue, MaxValue, MaxLength } = parameter
  const pattern = AllowedPattern === undefined ? /^/ : new RegExp(`^(?:${AllowedPattern})$`)
  return (
    pattern.test(value) &&
    (AllowedValues === undefined || AllowedValues.map(String).includes(value)) &&
    (parameter.Type !== 'Number' || value.trim() !== '') &&
    !(Number(value) < (MinValue ?? Number.NEGATIVE_INFINITY)) &&
    !(Number(value) > (MaxValue ?? Number.POSITIVE_INFINITY)) &&
    value.length <= (MaxLength ?? 4096)
  )
}

/** The functions of a rule are resolved like those of a resource. */
function isKept({ RuleCondition, Assertions }: Rule, values: Values): boolean {
  const Properties = { applies: RuleCondition ?? true, asserted: Assertions.map(({ Assert }) => Assert) }
  const resources = { Parameters: PARAMETERS, Resources: { Rule: { Type: 'Rule', Properties } } }
  const rule = resolveTemplate(JSON.stringify(resources), values).get('Rule')?.Properties as {
    applies: boolean
    asserted: boolean[]
  }
  return !rule.applies || rule.asserted.every(Boolean)
}
