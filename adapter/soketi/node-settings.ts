import {
  assertKnownNames,
  type NameOf,
  OPTIONS,
  type OptionSpec,
  parseOptions,
  parseSettings,
  RENAMED_OPTIONS,
  type Settings,
} from '../lookup/index.ts'
import { log } from './console-log.ts'
import type { Server } from './soketi.ts'

/** What can be set of soketi's side; `OPTIONS` has what can be set of the lookup. An option is added to one of them. */
const SOKETI_OPTIONS = {
  /** Over how long at most clients are rejected while their app can't be looked up; 0 is at once. Default 5,000. */
  rejectionJitterMs: { kind: 'number', default: 5_000, min: 0 },
} as const satisfies Readonly<Record<string, OptionSpec>>

/** All that can be set on a node, by the names in the config file. */
export const NODE_OPTIONS: Readonly<Record<string, OptionSpec>> = { ...OPTIONS, ...SOKETI_OPTIONS }

const RENAMED: ReadonlyMap<string, string> = new Map([
  ...RENAMED_OPTIONS,
  ['refusalSpreadMs', 'rejectionJitterMs'],
])

/** How soketi's side behaves. */
export type Behaviour = {
  readonly [Option in keyof typeof SOKETI_OPTIONS]: number
}

type Environment = Readonly<Record<string, string | undefined>>
type Config = Readonly<Record<string, unknown>>

/** What is set on a node, not yet checked, and what each option is called there. */
export type FoundSettings = { readonly given: Readonly<Record<string, unknown>>; readonly nameOf: NameOf }

/**
 * The config file's `appManager.http.*`. Its token is hidden from then on: soketi prints all options with `SOKETI_DEBUG`.
 */
export function configOf({ options }: Pick<Server, 'options'>): Config {
  const config = options.appManager.http
  if (typeof config !== 'object' || config === null) return {}
  if ('token' in config) Object.defineProperty(config, 'token', { enumerable: false })
  return config
}

const VARIABLE_PREFIX = 'SOKETI_APP_MANAGER_HTTP_'

/** The environment variable of an option: `SOKETI_APP_MANAGER_HTTP_APP_TTL_MS` for `appTtlMs`. */
export function variableOf(option: string): string {
  return VARIABLE_PREFIX + option.replace(/[A-Z]/g, '_$&').toUpperCase()
}

/** The name of an option in soketi's config file. */
function configNameOf(option: string): string {
  return `appManager.http.${option}`
}

/** The variables and config keys of the adapter that are set, whether there are such or not. */
export function namesThatAreSet(env: Environment, config: Config): string[] {
  const variables = Object.keys(env).filter(
    (variable) => variable.startsWith(VARIABLE_PREFIX) && env[variable],
  )
  return [...variables, ...Object.keys(config).map(configNameOf)]
}

/**
 * What is set: environment variables first, as with soketi's own options, then the config file's `appManager.http.*`.
 * What is empty is not set.
 * @throws SettingsError when something is set that is no option
 */
export function findSettings(env: Environment, config: Config): FoundSettings {
  const variables = Object.keys(env).filter((variable) => variable.startsWith(VARIABLE_PREFIX))
  assertKnown(variables, variableOf)
  assertKnown(Object.keys(config).map(configNameOf), configNameOf)

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

/** @throws SettingsError with the first thing that is wrong */
export function checkSettings({ given }: FoundSettings): { behaviour: Behaviour; lookup: Settings } {
  const isOfSoketi = ([option]: [string, unknown]) => option in SOKETI_OPTIONS
  const entries = Object.entries(given)
  const lookup = parseSettings(Object.fromEntries(entries.filter((entry) => !isOfSoketi(entry))), { log })
  const ofSoketi = parseOptions(SOKETI_OPTIONS, Object.fromEntries(entries.filter(isOfSoketi)))
  return { lookup, behaviour: ofSoketi }
}

function assertKnown(names: readonly string[], spell: NameOf): void {
  const renamed = [...RENAMED].map(([old, option]) => [spell(old), spell(option)] as const)
  assertKnownNames(names, Object.keys(NODE_OPTIONS).map(spell), new Map(renamed))
}

/** What can't be read as a number, or as true or false, is left for the check to name. */
function fromText(kind: OptionSpec['kind'], text: string): unknown {
  if (kind === 'number' && /^\d+$/.test(text)) return Number(text)
  if (kind === 'flag' && /^(true|1)$/.test(text)) return true
  if (kind === 'flag' && /^(false|0)$/.test(text)) return false
  return text
}
