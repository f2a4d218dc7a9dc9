/** Which DynamoDB table to use. What is not set is absent. */
export type TableSettings = {
  readonly table?: string
  readonly region?: string
  /** The URL of a local DynamoDB; AWS's own if absent. */
  readonly endpoint?: string
}

type Environment = Readonly<Record<string, string | undefined>>

/**
 * The table that soketi reads: its variables `APP_MANAGER_DYNAMODB_TABLE`, `_REGION` and `_ENDPOINT`, which soketi 1.x
 * reads with the prefix `SOKETI_`. As in soketi, an empty variable is not set.
 *
 * @param options `--table`, `--region` and `--endpoint`. The variable of an option that is set is not read
 * @throws {Error} that names the option or the variable and its valid values, or the two variables that differ
 */
export function readTableSettings(environment: Environment, options: TableSettings = {}): TableSettings {
  // The SDK takes localhost:8000 for a URL with the scheme localhost.
  for (const name of ['AWS_ENDPOINT_URL_DYNAMODB', 'AWS_ENDPOINT_URL'])
    if (environment[name]) parseEndpoint(environment[name], name)
  const read = (name: keyof TableSettings, parse: Parse = (text) => text) => {
    const { source, text } = setting(`--${name}`, options[name]) ?? findVariable(environment, name) ?? {}
    return source === undefined ? {} : { [name]: parse(text ?? '', source) }
  }
  return { ...read('table'), ...read('region', parseRegion), ...read('endpoint', parseEndpoint) }
}

/** A text, and the name of the option or variable it comes from. */
type Setting = { readonly source: string; readonly text: string }

type Parse = (text: string, source: string) => string

function setting(source: string, text: string | undefined): Setting | undefined {
  const trimmed = text?.trim()
  return trimmed ? { source, text: trimmed } : undefined
}

function findVariable(environment: Environment, name: string): Setting | undefined {
  const variable = `APP_MANAGER_DYNAMODB_${name.toUpperCase()}`
  const prefixed = `SOKETI_${variable}`
  const [first, second] = [prefixed, variable].flatMap((source) => setting(source, environment[source]) ?? [])
  if (second && second.text !== first?.text)
    throw new Error(`${prefixed} and ${variable} are both set, and differ. Remove one of them.`)
  return first
}

/**
 * Checks that there can be a table of this name, or ARN; DynamoDB's own error does not say what is wrong.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html
 *
 * @throws {Error} that says what a name can be
 */
export function assertTable({ table = 'apps' }: TableSettings): void {
  if (/^(?:[A-Za-z0-9_.-]{3,255}|arn:\S+)$/.test(table)) return
  throw new Error(
    `The table must be a name of 3 to 255 letters, digits, "_", "-" and ".", or an ARN, not ${JSON.stringify(table)}.`,
  )
}

/** Checks that the text can be a region, which becomes part of a host name. @throws {Error} that names its source */
export function parseRegion(text: string, source: string): string {
  if (/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(text)) return text
  throw new Error(`${source} must be a region, for example eu-west-1, not "${text}".`)
}

function parseEndpoint(text: string, source: string): string {
  const url = parseHttpUrl(text)
  if (url) return url.href.replace(/\/$/, '')
  throw new Error(`${source} must be an http or https URL, for example http://127.0.0.1:8000.`)
}

/** The URL, if the text is one of http or https. Its scheme and host are in lower case. */
export function parseHttpUrl(text: string): URL | undefined {
  const url = URL.parse(text)
  return url?.protocol === 'http:' || url?.protocol === 'https:' ? url : undefined
}
