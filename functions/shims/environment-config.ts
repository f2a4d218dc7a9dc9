import { isValidHostLabel } from '@smithy/core/transport'

/**
 * Replaces `@smithy/core/config`. It reads the SDK's settings from environment variables only, because Lambda has no
 * `~/.aws/config`, no instance metadata and no pseudo regions. Each name has the same meaning as in the SDK. If an SDK
 * release imports another name, the build fails.
 * https://docs.aws.amazon.com/sdkref/latest/guide/settings-reference.html
 */
export type Setting<T> = {
  readonly environmentVariableSelector: (env: NodeJS.ProcessEnv) => T | undefined
  readonly default?: T | (() => Promise<T>) | undefined
}

/** Returns a function that reads a setting from the environment, or returns its default. */
export function loadConfig<T>({ environmentVariableSelector, default: fallback }: Setting<T>) {
  return async (): Promise<T | undefined> =>
    environmentVariableSelector(process.env) ??
    (typeof fallback === 'function' ? (fallback as () => Promise<T>)() : fallback)
}

/** The boolean value of a variable; anything but `true` and `false` is the same as not set, as in the SDK. */
export function booleanSelector(
  variables: Readonly<Record<string, string | undefined>>,
  name: string,
): boolean | undefined {
  return variables[name] === 'true' ? true : variables[name] === 'false' ? false : undefined
}

const switchedBy = (name: string): Setting<boolean> => ({
  environmentVariableSelector: (env) => booleanSelector(env, name),
  default: false,
})

export const NODE_USE_DUALSTACK_ENDPOINT_CONFIG_OPTIONS = switchedBy('AWS_USE_DUALSTACK_ENDPOINT')
export const NODE_USE_FIPS_ENDPOINT_CONFIG_OPTIONS = switchedBy('AWS_USE_FIPS_ENDPOINT')

export const REGION_ENV_NAME = 'AWS_REGION'
export const NODE_REGION_CONFIG_OPTIONS: Setting<string> = {
  environmentVariableSelector: (env) => env[REGION_ENV_NAME],
}

/** The SDK's defaults. `AWS_DEFAULTS_MODE` changes retries and timeouts, which functions/dynamodb/client.ts sets itself. */
export const resolveDefaultsModeConfig = () => async () => 'legacy'

type RegionConfig = {
  readonly region: string | (() => Promise<string>)
  readonly useFipsEndpoint: boolean | (() => Promise<boolean>)
}

/** The client's configuration with a check that the region can be part of a host name. */
export function resolveRegionConfig<T extends RegionConfig>(config: T) {
  const { region, useFipsEndpoint } = config
  return Object.assign(config, {
    region: async () => {
      const name = typeof region === 'function' ? await region() : region
      if (isValidHostLabel(name)) return name
      throw new Error(`Region not accepted: region="${name}" is not a valid hostname component.`)
    },
    useFipsEndpoint: async () =>
      typeof useFipsEndpoint === 'function' ? useFipsEndpoint() : Boolean(useFipsEndpoint),
  })
}

// The SDK imports these for shared files and other providers.
export const CONFIG_PREFIX_SEPARATOR = '.'
export const NODE_REGION_CONFIG_FILE_OPTIONS = {}
export const REGION_INI_NAME = 'region'
export const SelectorType = { ENV: 'env', CONFIG: 'shared config entry' } as const
export class ProviderError extends Error {}
