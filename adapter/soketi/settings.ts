import { readFileSync } from 'node:fs'
import type { AppLookupOptions } from '../lookup/index.ts'

/** How soketi's side behaves. */
export type Behaviour = {
  /** How often apps with open sockets are re-read, in ms; each round is up to a tenth earlier or later. */
  readonly recheckIntervalMs: number
  /** Over how long clients are refused while an app can't be looked up, in ms; 0 is at once. */
  readonly refusalSpreadMs: number
}

/** What the adapter is told: how soketi's side behaves, and the lookup's options, the token among them. */
export type Settings = Behaviour & { readonly lookup: AppLookupOptions }

type Environment = Readonly<Record<string, string | undefined>>
type Config = Readonly<Record<string, unknown>>
type Read<T> = (value: unknown) => T | undefined

const ENV_PREFIX = 'SOKETI_APP_MANAGER_HTTP_'
const CONFIG_PREFIX = 'appManager.http.'

/**
 * The settings: environment variables first, as with soketi's own, then the config file's
 * `appManager.http.*`. `appTtlMs` is `SOKETI_APP_MANAGER_HTTP_APP_TTL_MS` there; every other name follows the
 * same rule.
 *
 * @throws Error whose message is one sentence that names the setting and never its value.
 */
export function readSettings(env: Environment, config: Config): Settings {
  const read = <T>(name: string, parse: Read<T>, form: string): T | undefined => {
    const variable = ENV_PREFIX + name.replace(/[A-Z]/g, '_$&').toUpperCase()
    const [value, where] = env[variable] ? [env[variable], variable] : [config[name], CONFIG_PREFIX + name]
    if (value === undefined || value === null || value === '') return undefined
    const parsed = parse(value)
    if (parsed === undefined) throw new Error(`${where} is not ${form}.`)
    return parsed
  }
  const milliseconds = (name: string) => read(name, wholeNumber, 'a whole number of milliseconds, 0 or more')
  const count = (name: string) => read(name, wholeNumber, 'a whole number, 0 or more')
  const file = (name: string) => read(name, text, 'the path of a file')

  const urls = read('urls', textOrList, 'a list of URLs') ?? read('url', textOrList, 'a URL')
  if (!urls) throw new Error(`the driver is http, but neither ${ENV_PREFIX}URL nor ${ENV_PREFIX}URLS is set.`)
  const token = read('token', text, 'a text')
  const tokenFile = file('tokenFile')
  if (!token && !tokenFile) {
    throw new Error(`the driver is http, but neither ${ENV_PREFIX}TOKEN nor ${ENV_PREFIX}TOKEN_FILE is set.`)
  }

  const recheckIntervalMs = milliseconds('recheckIntervalMs') ?? 60_000
  return {
    recheckIntervalMs,
    refusalSpreadMs: milliseconds('refusalSpreadMs') ?? 5_000,
    lookup: {
      urls,
      token,
      tokenFile,
      recheckIntervalMs,
      appTtlMs: milliseconds('appTtlMs'),
      missTtlMs: milliseconds('missTtlMs'),
      staleMaxMs: milliseconds('staleMaxMs'),
      attemptTimeoutMs: milliseconds('attemptTimeoutMs'),
      lookupTimeoutMs: milliseconds('lookupTimeoutMs'),
      disappearanceHoldMs: milliseconds('disappearanceHoldMs'),
      unknownLookupsPerSecond: count('unknownLookupsPerSecond'),
      appsMax: count('appsMax'),
      snapshotFile: file('snapshotFile'),
      snapshotIntervalMs: milliseconds('snapshotIntervalMs'),
      ca: read('caFile', certificates, 'the path of a readable file of certificates'),
      allowInsecureHttp: read('allowInsecureHttp', flag, 'true or false'),
    },
  }
}

const text: Read<string> = (value) => (typeof value === 'string' ? value : undefined)

const textOrList: Read<string | string[]> = (value) =>
  Array.isArray(value) && value.every((entry) => typeof entry === 'string') ? value : text(value)

const wholeNumber: Read<number> = (value) => {
  const number = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value
  return typeof number === 'number' && Number.isSafeInteger(number) && number >= 0 ? number : undefined
}

const flag: Read<boolean> = (value) => {
  if (typeof value === 'boolean') return value
  return value === 'true' || value === '1' ? true : value === 'false' || value === '0' ? false : undefined
}

const certificates: Read<string> = (value) => {
  try {
    return typeof value === 'string' ? readFileSync(value, 'utf8') : undefined
  } catch {
    return undefined
  }
}
