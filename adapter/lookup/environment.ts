import type { AppLookupOptions } from './settings.ts'

const asText = (value: unknown) => String(value)
const asNumber = (value: unknown) =>
  typeof value === 'number' ? value : /^\d+$/.test(String(value)) ? Number(value) : Number.NaN
const asFlag = (value: unknown) => value === true || value === 'true' || value === '1'

/** The options that may come from outside a program, and how each is read. */
const READERS = {
  urls: asText,
  token: asText,
  tokenFile: asText,
  appTtlMs: asNumber,
  missTtlMs: asNumber,
  staleMaxMs: asNumber,
  attemptTimeoutMs: asNumber,
  lookupTimeoutMs: asNumber,
  recheckIntervalMs: asNumber,
  disappearanceHoldMs: asNumber,
  unknownLookupsPerSecond: asNumber,
  appsMax: asNumber,
  snapshotFile: asText,
  snapshotIntervalMs: asNumber,
  allowInsecureHttp: asFlag,
} as const satisfies {
  readonly [Option in keyof AppLookupOptions]?: (value: unknown) => AppLookupOptions[Option]
}

/** The environment's name of an option: `SOKETI_APP_MANAGER_HTTP_APP_TTL_MS` for `appTtlMs`, `…_URL` for `urls`. */
export function variableOf(option: string): string {
  const name = option === 'urls' ? 'url' : option
  return `SOKETI_APP_MANAGER_HTTP_${name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`
}

/**
 * The options found among `values`, such as `process.env`; an empty one is absent. Values are checked by
 * `createAppLookup`, whose errors then name the variable.
 * @param nameOf where `values` has an option; for a configuration file's dotted keys, say
 */
export function readLookupOptions(
  values: Readonly<Record<string, unknown>>,
  nameOf: (option: string) => string = variableOf,
): Partial<AppLookupOptions> {
  const given = Object.entries(READERS).flatMap(([option, read]) => {
    const value = values[nameOf(option)]
    return value === undefined || value === null || value === '' ? [] : [[option, read(value)] as const]
  })
  return { ...Object.fromEntries(given), nameOf }
}
