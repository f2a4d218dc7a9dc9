import { isValidHostLabel } from '@smithy/core/transport'

/**
 * Stands in for `@smithy/core/config`: the SDK's settings from environment variables and their defaults, without
 * `~/.aws/config`, instance metadata and pseudo regions, of which Lambda has none. Each name keeps the meaning that
 * it has in the SDK; a name that an SDK release starts to import fails the build.
 * https://docs.aws.amazon.com/sdkref/latest/guide/settings-reference.html
 */
export type Setting<T> = {
  readonly environmentVariableSelector: (env: NodeJS.ProcessEnv) => T | undefined
  readonly default?: T | (() => Promise<T>) | undefined
}

/** A function that gives a setting; it is read once, when first asked for. */
export function loadConfig<T>(setting: Setting<T>): () => Promise<T | undefined> {
  let loaded: Promise<T | undefined> | undefined
  const load = async () =>
    setting.environmentVariableSelector(process.env) ??
    (typeof setting.default === 'function' ? (setting.default as () => Promise<T>)() : setting.default)
  return () => {
    loaded ??= load()
    return loaded
  }
}

export const CONFIG_PREFIX_SEPARATOR = '.'
export const SelectorType = { ENV: 'env', CONFIG: 'shared config entry' } as const

/** The boolean that a variable holds, `undefined` when there is none. @throws {Error} for anything else. */
export function booleanSelector(
  variables: Readonly<Record<string, string | undefined>>,
  name: string,
  type: string,
): boolean | undefined {
  const value = variables[name]
  if (value === undefined) return undefined
  if (value === 'true' || value === 'false') return value === 'true'
  throw new Error(`Cannot load ${type} "${name}". Expected "true" or "false", got ${value}.`)
}

const switchedBy = (name: string): Setting<boolean> => ({
  environmentVariableSelector: (env) => booleanSelector(env, name, SelectorType.ENV),
  default: false,
})

export const NODE_USE_DUALSTACK_ENDPOINT_CONFIG_OPTIONS = switchedBy('AWS_USE_DUALSTACK_ENDPOINT')
export const NODE_USE_FIPS_ENDPOINT_CONFIG_OPTIONS = switchedBy('AWS_USE_FIPS_ENDPOINT')
export const NODE_REGION_CONFIG_FILE_OPTIONS = {}
export const NODE_REGION_CONFIG_OPTIONS: Setting<string> = {
  environmentVariableSelector: ({ AWS_REGION }) => AWS_REGION,
}

/** The defaults of the SDK; what `AWS_DEFAULTS_MODE` would change (retries, timeouts) this project sets itself. */
export const resolveDefaultsModeConfig = () => async () => 'legacy'

type RegionConfig = {
  readonly region: string | (() => Promise<string>)
  readonly useFipsEndpoint: boolean | (() => Promise<boolean>)
}

/** The client's configuration with its region checked to be part of a host name. */
export function resolveRegionConfig<T extends RegionConfig>(config: T) {
  const { region, useFipsEndpoint } = config
  return Object.assign(config, {
    region: async () => {
      const name = typeof region === 'function' ? await region() : region
      if (!isValidHostLabel(name))
        throw new Error(`Region not accepted: region="${name}" is not a valid hostname component.`)
      return name
    },
    useFipsEndpoint: async () =>
      typeof useFipsEndpoint === 'function' ? useFipsEndpoint() : useFipsEndpoint,
  })
}
