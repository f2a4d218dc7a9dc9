import { yamlParse } from 'yaml-cfn'

/** A resource of a template with resolved intrinsic functions. */
export type Resource = {
  readonly Type: string
  readonly Properties: Record<string, unknown>
  readonly Metadata?: Record<string, unknown>
}

type Node = Readonly<Record<string, unknown>>

type RawTemplate = {
  readonly Parameters?: Readonly<Record<string, { readonly Type: string; readonly Default?: unknown }>>
  readonly Mappings?: Readonly<Record<string, Readonly<Record<string, Node>>>>
  readonly Conditions?: Readonly<Record<string, unknown>>
  readonly Globals?: { readonly Function?: Node }
  readonly Resources: Readonly<Record<string, Node & { readonly Type: string; readonly Condition?: string }>>
}

/**
 * A template's resources as CloudFormation sees them: with parameters, conditions and the intrinsic functions of
 * template.yaml resolved, and `Globals` merged into functions as SAM does.
 *
 * @param yaml the template's text
 * @param parameters values that differ from the template's defaults, including pseudo parameters (`AWS::Region`)
 * @throws {Error} for an unknown parameter or function
 */
export function resolveTemplate(
  yaml: string,
  parameters: Readonly<Record<string, string>>,
): ReadonlyMap<string, Resource> {
  const template = parse(yaml)
  const declared = template.Parameters ?? {}
  for (const name of Object.keys(parameters))
    if (!(name in declared) && !(name in PSEUDO_PARAMETERS))
      throw new Error(`The template has no parameter ${name}.`)

  const reference = (name: string): unknown => {
    const parameter = declared[name]
    if (parameter) {
      const value = String(parameters[name] ?? parameter.Default ?? '')
      return parameter.Type === 'CommaDelimitedList' ? value.split(',') : value
    }
    if (name in PSEUDO_PARAMETERS) return parameters[name] ?? PSEUDO_PARAMETERS[name]
    // SAM allows references to resources that it generates: `Api.Stage`.
    if (String(name.split('.')[0]) in template.Resources) return name
    throw new Error(`The template refers to ${name}, which is neither a parameter nor a resource.`)
  }

  const isTrue = (condition: unknown): boolean => evaluate(template.Conditions?.[String(condition)]) === true

  const substitute = ([text, own]: [string, Node]): string =>
    text.replace(/\$\{([^!}][^}]*)\}/g, (_, name: string) =>
      String(name in own ? evaluate(own[name]) : name.includes('.') ? name : reference(name)),
    )

  const findInMap = ([map = '', first = '', second = '']: string[]): unknown => {
    const value = template.Mappings?.[map]?.[first]?.[second]
    if (value === undefined) throw new Error(`The template has no mapping ${map}.${first}.${second}.`)
    return value
  }

  const functions: Readonly<Record<string, (argument: never) => unknown>> = {
    Ref: reference,
    Condition: isTrue,
    'Fn::GetAtt': (path: string | string[]) => [path].flat().join('.'),
    'Fn::Sub': (argument: string | [string, Node]) =>
      substitute(typeof argument === 'string' ? [argument, {}] : argument),
    'Fn::FindInMap': (keys: unknown[]) => findInMap(keys.map((key) => String(evaluate(key)))),
    'Fn::If': ([condition, yes, no]: [string, unknown, unknown]) => evaluate(isTrue(condition) ? yes : no),
    'Fn::Equals': (pair: [unknown, unknown]) => evaluate(pair[0]) === evaluate(pair[1]),
    'Fn::Not': ([value]: [unknown]) => evaluate(value) !== true,
    'Fn::And': (values: unknown[]) => values.every((value) => evaluate(value) === true),
    'Fn::Or': (values: unknown[]) => values.some((value) => evaluate(value) === true),
    'Fn::Join': ([separator, list]: [string, unknown]) => (evaluate(list) as unknown[]).join(separator),
    'Fn::Split': ([separator, text]: [string, unknown]) => String(evaluate(text)).split(separator),
    'Fn::Select': ([index, list]: [number, unknown]) => (evaluate(list) as unknown[])[Number(index)],
  }

  const evaluate = (node: unknown): unknown => {
    if (Array.isArray(node)) return node.map(evaluate).filter((value) => value !== undefined)
    if (typeof node !== 'object' || node === null) return node
    const [[name, argument] = ['', undefined], ...others] = Object.entries(node)
    if (others.length === 0 && functions[name]) return functions[name](argument as never)
    if (name.startsWith('Fn::'))
      throw new Error(`The template uses ${name}, which dev/cloudformation.ts does not support.`)
    return Object.fromEntries(
      Object.entries(node).flatMap(([key, value]) => {
        const resolved = evaluate(value)
        return resolved === undefined ? [] : [[key, resolved]]
      }),
    )
  }

  return new Map(
    Object.entries(template.Resources)
      .filter(([, { Condition }]) => Condition === undefined || isTrue(Condition))
      .map(([name, { Type, Properties, Metadata }]) => {
        const globals = (Type === 'AWS::Serverless::Function' && template.Globals?.Function) || {}
        const merged = merge(globals, Properties as Node)
        return [name, { Type, Metadata, Properties: evaluate(merged) } as Resource]
      }),
  )
}

const parsed = new Map<string, RawTemplate>()

/** Parses a template, once for each text, because YAML takes most of the time of a resolution. */
function parse(yaml: string): RawTemplate {
  const template: RawTemplate = parsed.get(yaml) ?? yamlParse(yaml)
  parsed.set(yaml, template)
  return template
}

/**
 * The properties of a function, and those of `Globals` that it does not have. Maps are merged.
 * https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification-template-anatomy-globals.html
 */
function merge(globals: Node, own: Node): Node {
  const both = Object.entries(own).map(([name, value]) => {
    const other = globals[name]
    return [name, isMap(other) && isMap(value) ? merge(other, value) : value]
  })
  return { ...globals, ...Object.fromEntries(both) }
}

const isMap = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const PSEUDO_PARAMETERS: Readonly<Record<string, unknown>> = {
  'AWS::AccountId': '123456789012',
  'AWS::NoValue': undefined,
  'AWS::Partition': 'aws',
  'AWS::Region': 'us-east-1',
  'AWS::StackName': 'local',
  'AWS::URLSuffix': 'amazonaws.com',
}
