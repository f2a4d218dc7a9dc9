import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createSnapshot, type Snapshot } from '../cache/snapshot.ts'
import { createEndpoint, type Endpoint } from '../endpoint/endpoint.ts'
import type { Log } from '../log.ts'
import { SettingsError } from '../settings-error.ts'
import { nodeTimers, type Timers } from '../timers.ts'
import { type Given, OPTIONS, type Parsed, parseOptions } from './options.ts'

/** What `createAppLookup` takes. Everything but the URL and the token has a default. */
export type AppLookupOptions = Given<typeof OPTIONS> & {
  readonly url: string | readonly string[]
  /** Milliseconds since the epoch, never going back; for tests. */
  readonly clock?: (() => number) | undefined
  /** Default: nowhere. */
  readonly log?: Log | undefined
  /** What the lookup uses of Node; for tests. */
  readonly ports?: Partial<Ports> | undefined
}

/** What the lookup uses of Node. */
export type Ports = {
  readonly timers: Timers
  /** The system time in ms since 1970. */
  readonly wallClock: () => number
  /** A number from 0 to 1. */
  readonly random: () => number
  readonly createEndpoint: (url: URL, ca: string | undefined) => Endpoint
  readonly createSnapshot: (file: string, log: Log) => Snapshot
}

const nodePorts: Ports = {
  timers: nodeTimers,
  wallClock: () => Date.now(),
  random: Math.random,
  createEndpoint,
  createSnapshot,
}

/** The options, checked, with every default in place. */
export type Settings = Omit<Parsed<typeof OPTIONS>, 'url' | 'caFile' | 'allowInsecureHttp'> & {
  readonly urls: readonly URL[]
  /** The certificates of `caFile`. */
  readonly ca: string | undefined
  readonly clock: () => number
  readonly log: Log
  readonly ports: Ports
}

/** The options that are not settings of a user. */
type Surroundings = Pick<AppLookupOptions, 'clock' | 'log' | 'ports'>

/** The time at the start, advanced by a monotonic clock, so that ages stay correct when the system time is set. */
const steadyClock = () => performance.timeOrigin + performance.now()

/**
 * @param options of any type, since they can come from JavaScript or from a file; others are ignored
 * @throws SettingsError for the first wrong option
 */
export function parseSettings(
  options: Readonly<Record<string, unknown>>,
  { clock = steadyClock, log = () => {}, ports }: Surroundings = {},
): Settings {
  const { url, caFile, allowInsecureHttp, ...parsed } = parseOptions(OPTIONS, options)
  assertPollInterval(parsed.feedPollIntervalMs)
  return {
    ...parsed,
    attemptTimeoutMs: attemptTimeoutMs(options.attemptTimeoutMs === undefined, parsed),
    urls: parseUrls(url, allowInsecureHttp),
    ca: caFile === undefined ? undefined : readCertificates(caFile),
    clock,
    log,
    ports: { ...nodePorts, ...ports },
  }
}

function attemptTimeoutMs(
  isDefault: boolean,
  { attemptTimeoutMs, lookupTimeoutMs }: Pick<Settings, 'attemptTimeoutMs' | 'lookupTimeoutMs'>,
): number {
  if (isDefault) return Math.min(attemptTimeoutMs, lookupTimeoutMs)
  if (attemptTimeoutMs <= lookupTimeoutMs) return attemptTimeoutMs
  throw new SettingsError(
    `{attemptTimeoutMs} (${attemptTimeoutMs}) is more than {lookupTimeoutMs} (${lookupTimeoutMs}), the deadline of all attempts together; lower the first or raise the second.`,
  )
}

function assertPollInterval(feedPollIntervalMs: number): void {
  if (feedPollIntervalMs === 0 || feedPollIntervalMs >= MIN_POLL_INTERVAL_MS) return
  throw new SettingsError(
    `{feedPollIntervalMs} must be 0, which turns polling off, or at least ${MIN_POLL_INTERVAL_MS} milliseconds.`,
  )
}

/** The endpoint reads the same cursor at most once a second. */
const MIN_POLL_INTERVAL_MS = 1_000

const EXAMPLE = 'such as https://lookup.example.com'

function parseUrls(given: string | readonly string[] | undefined, allowInsecureHttp: boolean): URL[] {
  const texts = (typeof given === 'string' ? given.split(',') : (given ?? [])).map((text) => text.trim())
  if (texts.join('') === '') throw new SettingsError(`{url} is not set; give the endpoint's URL, ${EXAMPLE}.`)
  return texts.map((text) => {
    const url = parseUrl(text)
    if (!url)
      throw new SettingsError(
        `{url} must be an https URL without credentials, query and fragment, ${EXAMPLE}; separate several by commas.`,
      )
    if (url.protocol === 'http:' && !allowInsecureHttp && !isLoopback(url.hostname))
      throw new SettingsError('{url} is not https; use https, or set {allowInsecureHttp} to true.')
    // Several URLs that are separated by something else are one URL with "//" in its path.
    if (url.pathname.includes('//') && !ROUTE.test(url.pathname))
      throw new SettingsError('{url} has // in its path; remove one /, and separate several URLs by commas.')
    if (ROUTE.test(url.pathname))
      throw new SettingsError('{url} must end before /apps or /changes, which are added to it.')
    return url
  })
}

/** A path that ends in a route of the endpoint. */
const ROUTE = /\/(apps|apps\/lookup|apps\/by-key(\/[^/]*)?|changes)\/*$/

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

/** Node accepts any text as certificates, and then trusts none. */
function readCertificates(file: string): string {
  try {
    const pem = readFileSync(file, 'utf8')
    const certificates = pem.match(/-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----/gs) ?? []
    if (certificates.length === 0) throw new Error('no certificate')
    for (const certificate of certificates) new X509Certificate(certificate)
    return pem
  } catch (cause) {
    const isUnreadable = cause instanceof Error && 'syscall' in cause
    const what = isUnreadable ? 'cannot be read' : 'holds no valid certificates'
    throw new SettingsError(`{caFile} ${what}; give a file of certificates in PEM.`, {
      cause,
    })
  }
}
