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
  /** How often apps with open sockets are re-read; the caller of `recheck` keeps to it. Default 60,000. */
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
