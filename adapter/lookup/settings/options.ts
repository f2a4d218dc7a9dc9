import { SettingsError } from '../settings-error.ts'

/** What an option can be; a number is a whole number. */
export type OptionSpec =
  | { readonly kind: 'number'; readonly default: number; readonly min: number; readonly max: number }
  | { readonly kind: 'flag'; readonly default: false }
  | { readonly kind: 'text' | 'urls'; readonly default?: undefined }

/** The longest delay of a Node timer, about 24 days. */
const MAX_NUMBER = 2 ** 31 - 1

/** A whole number, by default from 1 on. */
export const number = (preset: number, min = 1, max = MAX_NUMBER) =>
  ({ kind: 'number', default: preset, min, max }) as const
export const flag = { kind: 'flag', default: false } as const
const text = { kind: 'text' } as const

/**
 * Every option but the clock and the log, with its default and range. This is the one place that an option is added to:
 * types, checks, environment variables and the config file's names follow. Units are in the names.
 */
export const OPTIONS = {
  /**
   * The endpoint's URL, a stage's path included. Several regions are a list, or separated by commas, nearest first.
   */
  url: { kind: 'urls' },
  /** The bearer token. Either this or `tokenFile`. */
  token: text,
  /** A file with the bearer token, read again when it changes. */
  tokenFile: text,
  /** How long an app is used, counted from the read of DynamoDB. Default 30,000. */
  appTtlMs: number(30_000),
  /** How long "no such app" is used. Default 5,000. */
  negativeCacheTtlMs: number(5_000),
  /** How old the last response with an enabled app may be while no region answers. Default 3,600,000. */
  staleIfErrorMs: number(3_600_000, 0),
  /** The deadline of one request, connecting included. Default 3,000, or `lookupTimeoutMs` if that is less. */
  attemptTimeoutMs: number(3_000),
  /** The deadline of a lookup with all its waits, attempts and regions. Default 4,000. */
  lookupTimeoutMs: number(4_000),
  /** How often the change feed is polled, at least 1,000; 0 turns following off. Default 5,000. */
  feedPollIntervalMs: number(5_000, 0, 20_000),
  /** How long an app is used at most while changes are followed. Default 900,000. */
  followedMaxMs: number(900_000),
  /** How often apps with open sockets are revalidated while changes are not followed. Default 60,000. */
  revalidateIntervalMs: number(60_000),
  /** How long many apps, or the only one, must have been missing before they are dropped. Default 300,000. */
  massDeletionGuardMs: number(300_000, 0),
  /** How many names that belong to no known app are looked up in a second, and how many known apps `reread` reads. Default 50. */
  unknownLookupsPerSecond: number(50),
  /** How many apps are kept in memory at least; for a while it may be twice as many. Default 10,000. */
  maxCachedApps: number(10_000),
  /** A file for the last good responses, encrypted under a key derived from the token. Default: none. */
  snapshotFile: text,
  /** How often the snapshot is written when something changed. Default 30,000. */
  snapshotIntervalMs: number(30_000),
  /** A file with the certificates to trust instead of Node's own, in PEM. */
  caFile: text,
  /** Allow `http:` to other machines. Default false. */
  allowInsecureHttp: flag,
} as const satisfies Readonly<Record<string, OptionSpec>>

type Specs = Readonly<Record<string, OptionSpec>>
type Value<Spec extends OptionSpec> = {
  number: number
  flag: boolean
  text: string
  urls: string | readonly string[]
}[Spec['kind']]

/** What is given for these options; each may be absent. */
export type Given<Options extends Specs> = {
  readonly [Name in keyof Options]?: Value<Options[Name]> | undefined
}

/** These options, checked; numbers and flags have their default. */
export type Parsed<Options extends Specs> = {
  readonly [Name in keyof Options]: Options[Name]['kind'] extends 'number' | 'flag'
    ? Value<Options[Name]>
    : Value<Options[Name]> | undefined
}

/** @throws SettingsError at the first value that its option can't have */
export function parseOptions<Options extends Specs>(
  options: Options,
  given: Readonly<Record<string, unknown>>,
): Parsed<Options> {
  const values = Object.entries(options).map(([name, spec]) => [name, parseValue(name, spec, given[name])])
  return Object.fromEntries(values) as Parsed<Options>
}

function parseValue(name: string, spec: OptionSpec, value: unknown): unknown {
  if (value === undefined) return spec.default
  const accept = (isValid: boolean, form: string) => {
    if (isValid) return value
    throw new SettingsError(`{${name}} must be ${form}.`)
  }
  switch (spec.kind) {
    case 'number': {
      const { min, max } = spec
      const isValid = typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max
      return accept(
        isValid,
        `a whole number${name.endsWith('Ms') ? ' of milliseconds' : ''} from ${min} to ${max}`,
      )
    }
    case 'flag':
      return accept(typeof value === 'boolean', 'true or false')
    case 'text':
      return accept(typeof value === 'string', 'text')
    case 'urls':
      return accept(
        typeof value === 'string' || isListOfTexts(value),
        'a URL, or several of them separated by commas',
      )
  }
}

const isListOfTexts = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((entry) => typeof entry === 'string')
