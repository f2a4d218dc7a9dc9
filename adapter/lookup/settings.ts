/** Where the log lines go; messages hold no token and no app. */
export type Log = (level: 'info' | 'warn' | 'error', message: string) => void

/** What `createAppLookup` takes. Everything but the URL and the token has a default. */
export type AppLookupOptions = {
  /** The endpoint's URLs, nearest region first (a stage's path is part of it); in a string, comma-separated. */
  readonly urls: string | readonly string[]
  /** The bearer token. Either this or `tokenFile`. */
  readonly token?: string | undefined
  /** A file with the token, read again when it changes. */
  readonly tokenFile?: string | undefined
  /** How long an answer is used, counted from the read. Default 30,000. */
  readonly appTtlMs?: number | undefined
  /** How long a miss is remembered. Default 5,000. */
  readonly missTtlMs?: number | undefined
  /** How old an enabled app's last answer may be while nobody answers. Default 3,600,000. */
  readonly staleMaxMs?: number | undefined
  /** One request's deadline, connecting included. Default 3,000. */
  readonly attemptTimeoutMs?: number | undefined
  /** A lookup's deadline, all attempts and regions. Default 5,000. */
  readonly lookupTimeoutMs?: number | undefined
  /**
   * How often apps with open sockets are re-read. The caller of `recheck` keeps to it; two not-found answers confirm
   * each other from half of it on. Default 60,000.
   */
  readonly recheckIntervalMs?: number | undefined
  /** How long a sudden disappearance of many apps is not believed. Default 300,000. */
  readonly disappearanceHoldMs?: number | undefined
  /** How many names that are no known app's may be asked for in a second. Default 50. */
  readonly unknownLookupsPerSecond?: number | undefined
  /** About how many apps are kept; the cache may hold twice as many for a while. Default 10,000. */
  readonly appsMax?: number | undefined
  /** A file for the last good answers, encrypted under a key derived from the token. Default: none. */
  readonly snapshotFile?: string | undefined
  /** How often the snapshot is written when something changed. Default 30,000. */
  readonly snapshotIntervalMs?: number | undefined
  /** Certificates to trust instead of Node's own, in PEM. */
  readonly ca?: string | undefined
  /** Allow `http:` to hosts that are not this machine. Default false. */
  readonly allowInsecureHttp?: boolean | undefined
  /** Milliseconds since the epoch, never going back; for tests. */
  readonly clock?: (() => number) | undefined
  /** Default: nowhere. */
  readonly log?: Log | undefined
}

/** The options, checked, with every default in place. */
export type Settings = Readonly<Record<NumberSetting, number>> & {
  readonly urls: readonly URL[]
  readonly clock: () => number
  readonly log: Log
}

type NumberSetting = keyof typeof NUMBERS

/** Every number's default and least value. */
const NUMBERS = {
  appTtlMs: [30_000, 1],
  missTtlMs: [5_000, 1],
  staleMaxMs: [3_600_000, 0],
  attemptTimeoutMs: [3_000, 1],
  lookupTimeoutMs: [5_000, 1],
  recheckIntervalMs: [60_000, 1],
  disappearanceHoldMs: [300_000, 0],
  unknownLookupsPerSecond: [50, 1],
  appsMax: [10_000, 1],
  snapshotIntervalMs: [30_000, 1],
} as const

/** The longest delay of a Node timer, about 24 days. */
const MAX_NUMBER = 2 ** 31 - 1

/** The wall clock's time at the start, moved on by a clock that is never set: ages stay right when the time is. */
const steadyClock = () => performance.timeOrigin + performance.now()

/** @throws Error that names the option that is wrong, never its value */
export function parseSettings(options: AppLookupOptions): Settings {
  const number = (name: NumberSetting) => {
    const [byDefault, least] = NUMBERS[name]
    const value = options[name] ?? byDefault
    if (typeof value !== 'number' || !(value >= least && value <= MAX_NUMBER))
      throw new Error(`${name}: not a number from ${least} to ${MAX_NUMBER}`)
    return value
  }
  return {
    appTtlMs: number('appTtlMs'),
    missTtlMs: number('missTtlMs'),
    staleMaxMs: number('staleMaxMs'),
    attemptTimeoutMs: number('attemptTimeoutMs'),
    lookupTimeoutMs: number('lookupTimeoutMs'),
    recheckIntervalMs: number('recheckIntervalMs'),
    disappearanceHoldMs: number('disappearanceHoldMs'),
    unknownLookupsPerSecond: number('unknownLookupsPerSecond'),
    appsMax: number('appsMax'),
    snapshotIntervalMs: number('snapshotIntervalMs'),
    urls: parseUrls(options.urls, options.allowInsecureHttp === true),
    clock: options.clock ?? steadyClock,
    log: options.log ?? (() => {}),
  }
}

function parseUrls(given: string | readonly string[] | undefined, allowInsecureHttp: boolean): URL[] {
  const texts = (typeof given === 'string' ? given.split(',') : (given ?? [])).map((text) => text.trim())
  if (texts.join('') === '') throw new Error('urls: give the URL of the endpoint')
  return texts.map((text) => {
    const url = parseUrl(text)
    if (url === undefined) throw new Error('urls: not an https URL without credentials and query')
    if (url.protocol === 'http:' && !allowInsecureHttp && !isLoopback(url.hostname))
      throw new Error('urls: not https; set allowInsecureHttp if that is meant')
    return url
  })
}

function parseUrl(text: string): URL | undefined {
  try {
    const url = new URL(text)
    const isBare = url.username === '' && url.password === '' && url.search === '' && url.hash === ''
    return isBare && /^https?:$/.test(url.protocol) ? url : undefined
  } catch {
    return undefined
  }
}

/** https://www.rfc-editor.org/rfc/rfc6761#section-6.3 and https://www.rfc-editor.org/rfc/rfc1122#section-3.2.1.3 */
const isLoopback = (hostname: string) =>
  hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname)
