import type { App } from './app.ts'
import type { AppLookupOptions } from './settings.ts'
import type { LookupStats, RegionState } from './stats.ts'

/**
 * What a re-read said of an app with open sockets.
 *
 * `unchanged` and `changed` carry the app as it is now. `changed` is relative to the cache, and a lookup may have
 * refreshed the cache since a socket was opened: compare `app` with the one the socket was opened with, which is
 * the same object as long as nothing changed. `gone`: act on it, it is confirmed (two not-found answers from the
 * nearest region one interval apart, and no mass disappearance). `unknown`: leave the sockets alone.
 */
export type Recheck =
  | { readonly status: 'unchanged' | 'changed'; readonly app: App }
  | { readonly status: 'gone' | 'unknown' }

/** What the start-up check found. */
export type StartupReport = {
  /** `denied` (every region refuses the token) is a reason to end the process, `unavailable` one to warn. */
  readonly status: 'ready' | 'unavailable' | 'denied'
  /** One sentence for the log. */
  readonly summary: string
  readonly regions: readonly { readonly origin: string; readonly state: RegionState }[]
}

/** Looks soketi apps up at the endpoint, and survives its outages. Safe to call from anywhere, any number of times. */
export type AppLookup = {
  /**
   * The app with this id, or undefined when there is none. A disabled app is an app.
   * @throws AppLookupUnavailableError when it could not be known; nothing else.
   */
  findById(id: string): Promise<App | undefined>
  /**
   * The app with this key, or undefined when there is none. Takes whatever a stranger sent.
   * @throws AppLookupUnavailableError when it could not be known; nothing else.
   */
  findByKey(key: string): Promise<App | undefined>
  /**
   * Re-reads apps by id with conditional batches of at most 100, at most one request a second; so it takes about
   * a second for each hundred. An entry for each id; never rejects. Calls run one after the other.
   */
  recheck(ids: readonly string[]): Promise<Map<string, Recheck>>
  /** Asks every region for an id that can't exist. Never rejects; takes at most `lookupTimeoutMs`. */
  check(): Promise<StartupReport>
  stats(): LookupStats
  /** Writes the snapshot, ends what is under way (it rejects with `closed`), closes every connection. */
  close(): Promise<void>
}

/**
 * An `AppLookup` on the endpoint, or a sentence about the option that is wrong.
 * @throws Error that names the option, never its value.
 */
export function createAppLookup(options: AppLookupOptions): AppLookup {
  throw new Error(`urls: ${options.urls.length === 0 ? 'there is none' : 'no region answers yet'}`)
}
