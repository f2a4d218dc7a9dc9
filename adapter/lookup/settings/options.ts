import { SettingsError } from '../settings-error.ts'

/** What an option can be; a number is a whole number. */
export type OptionSpec =
  | { readonly kind: 'number'; readonly default: number; readonly min: number; readonly max?: number }
  | { readonly kind: 'text' | 'flag' | 'urls' }

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
  token: { kind: 'text' },
  /** A file with the bearer token, read again when it changes. */
  tokenFile: { kind: 'text' },
  /** How long an app is used, counted from the read of DynamoDB. Default 30,000. */
  appTtlMs: { kind: 'number', default: 30_000, min: 1 },
  /** How long "no such app" is used. Default 5,000. */
  negativeCacheTtlMs: { kind: 'number', default: 5_000, min: 1 },
  /** How old the last response with an enabled app may be while no region answers. Default 3,600,000. */
  staleIfErrorMs: { kind: 'number', default: 3_600_000, min: 0 },
  /** The deadline of one request, connecting included. Default 3,000, or `lookupTimeoutMs` if that is less. */
  attemptTimeoutMs: { kind: 'number', default: 3_000, min: 1 },
  /** The deadline of a lookup with all its waits, attempts and regions. Default 4,000. */
  lookupTimeoutMs: { kind: 'number', default: 4_000, min: 1 },
  /** How often the change feed is polled, at least 1,000; 0 turns following off. Default 5,000. */
  feedPollIntervalMs: { kind: 'number', default: 5_000, min: 0, max: 20_000 },
  /** How long an app is used at most while changes are followed. Default 900,000. */
  followedMaxMs: { kind: 'number', default: 900_000, min: 1 },
  /** How often apps with open sockets are revalidated while changes are not followed. Default 60,000. */
  revalidateIntervalMs: { kind: 'number', default: 60_000, min: 1 },
  /** How long many apps, or the only one, must have been missing before they are dropped. Default 300,000. */
  massDeletionGuardMs: { kind: 'number', default: 300_000, min: 0 },
  /** How many names that belong to no known app are looked up in a second, and how many known apps `reread` reads. Default 50. */
  unknownLookupsPerSecond: { kind: 'number', default: 50, min: 1 },
  /** How many apps are kept in memory at least; for a while it may be twice as many. Default 10,000. */
  maxCachedApps: { kind: 'number', default: 10_000, min: 1 },
  /** A file for the last good responses, encrypted under a key derived from the token. Default: none. */
  snapshotFile: { kind: 'text' },
  /** How often the snapshot is written when something changed. Default 30,000. */
  snapshotIntervalMs: { kind: 'number', default: 30_000, min: 1 },
  /** A file with the certificates to trust instead of Node's own, in PEM. */
  caFile: { kind: 'text' },
  /** Allow `http:` to other machines. Default false. */
  allowInsecureHttp: { kind: 'flag' },
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

/** The longest delay of a Node timer, about 24 days. */
const MAX_NUMBER = 2 ** 31 - 1

function parseValue(name: string, spec: OptionSpec, value: unknown): unknown {
  const must = (form: string) => new SettingsError(`{${name}} must be ${form}.`)
  switch (spec.kind) {
    case 'number': {
      if (value === undefined) return spec.default
      const { min, max = MAX_NUMBER } = spec
      if (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max) return value
      throw must(`a whole number${name.endsWith('Ms') ? ' of milliseconds' : ''} from ${min} to ${max}`)
    }
    case 'flag':
      if (value === undefined || typeof value === 'boolean') return value ?? false
      throw must('true or false')
    case 'text':
      if (value === undefined || typeof value === 'string') return value
      throw must('text')
    case 'urls':
      if (value === undefined || typeof value === 'string' || isListOfTexts(value)) return value
      throw must('a URL, or several of them separated by commas')
  }
}

const isListOfTexts = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((entry) => typeof entry === 'string')
