import {
  assertKnownNames,
  flag,
  type NameOf,
  number,
  OPTIONS,
  type OptionSpec,
  type Parsed,
  parseOptions,
  parseSettings,
  type Settings,
} from '../lookup/index.ts'
import { log } from './console-log.ts'
import type { Server } from './soketi.ts'

/** The options of soketi's side; those of the lookup are in `OPTIONS`. Add an option to one of the two. */
const SOKETI_OPTIONS = {
  /** How many clients wait at most while their app can't be looked up; 0 rejects them at once. Default 10,000. */
  maxWaitingSockets: number(10_000, 0),
  /** Over how long waiting clients are rejected, at most 1,000; 0 is after exactly 7 s. Default 5,000. */
  rejectionJitterMs: number(5_000, 0),
  /** Whether soketi's own HTTP errors keep soketi's status, which is 200. Default false. */
  legacyErrorStatus: flag,
} as const satisfies Readonly<Record<string, OptionSpec>>

/** All options of a node, by their names in the config file. */
export const NODE_OPTIONS: Readonly<Record<string, OptionSpec>> = { ...OPTIONS, ...SOKETI_OPTIONS }

/** The parsed options of soketi's side. */
export type Behaviour = Parsed<typeof SOKETI_OPTIONS>

type Environment = Readonly<Record<string, string | undefined>>
type Config = Readonly<Record<string, unknown>>

/** The options that are set on a node, not yet checked, and their names there. */
export type FoundSettings = { readonly given: Readonly<Record<string, unknown>>; readonly nameOf: NameOf }

/**
 * The config file's `appManager.http.*`. This hides its token, because soketi prints all options with `SOKETI_DEBUG`.
 */
export function configOf({ options }: Pick<Server, 'options'>): Config {
  const config = options.appManager.http
  if (typeof config !== 'object' || config === null) return {}
  if ('token' in config) Object.defineProperty(config, 'token', { enumerable: false })
  return config
}

const VARIABLE_PREFIX = 'SOKETI_APP_MANAGER_HTTP_'

/** The environment variable of an option: `SOKETI_APP_MANAGER_HTTP_APP_TTL_MS` for `appTtlMs`. */
export const variableOf = (option: string): string =>
  VARIABLE_PREFIX + option.replace(/[A-Z]/g, '_$&').toUpperCase()

/** The name of an option in soketi's config file. */
const configNameOf = (option: string): string => `appManager.http.${option}`

/** The variables and config keys of the adapter that are set, known or not. */
export function namesThatAreSet(env: Environment, config: Config): string[] {
  const variables = Object.keys(env).filter(
    (variable) => variable.startsWith(VARIABLE_PREFIX) && env[variable],
  )
  return [...variables, ...Object.keys(config).map(configNameOf)]
}

/**
 * The options that are set: environment variables first, as with soketi's own options, then the config file's
 * `appManager.http.*`. An empty value counts as not set.
 * @throws SettingsError if an unknown option is set
 */
export function findSettings(env: Environment, config: Config): FoundSettings {
  const variables = Object.keys(env).filter((variable) => variable.startsWith(VARIABLE_PREFIX))
  const options = Object.keys(NODE_OPTIONS)
  assertKnownNames(variables, options.map(variableOf))
  assertKnownNames(Object.keys(config).map(configNameOf), options.map(configNameOf))

  const given: Record<string, unknown> = {}
  const names = new Map<string, string>()
  for (const [option, { kind }] of Object.entries(NODE_OPTIONS)) {
    const variable = variableOf(option)
    const [value, name] = env[variable] ? [env[variable], variable] : [config[option], configNameOf(option)]
    if (value === undefined || value === null || value === '') continue
    given[option] = typeof value === 'string' ? fromText(kind, value) : value
    names.set(option, name)
  }
  return { given, nameOf: (option) => names.get(option) ?? variableOf(option) }
}

/** @throws SettingsError for the first wrong option */
export const checkSettings = ({ given }: FoundSettings): { behaviour: Behaviour; lookup: Settings } => ({
  lookup: parseSettings(given, { log }),
  behaviour: parseOptions(SOKETI_OPTIONS, given),
})

/** A text that is not a number or flag stays a text, for the check to report. */
function fromText(kind: OptionSpec['kind'], text: string): unknown {
  if (kind === 'number' && /^\d+$/.test(text)) return Number(text)
  if (kind === 'flag' && /^(true|1)$/.test(text)) return true
  if (kind === 'flag' && /^(false|0)$/.test(text)) return false
  return text
}
