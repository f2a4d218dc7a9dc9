import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import type { Log } from './options.ts'
import { SettingsError } from './settings-error.ts'
import { LONG_AGO } from './timers.ts'

/** The current bearer token. */
export type Token = {
  /** The token that was read last. */
  current(): string
  /** The token. If it comes from a file, it is read again after a second, or if `now` is true. */
  read(now?: boolean): Promise<string>
  /** Called after the token changed. */
  onChange(listener: () => void): void
}

export type TokenOptions = {
  readonly token?: string | undefined
  readonly tokenFile?: string | undefined
  readonly clock: () => number
  readonly log: Log
}

const READ_AGAIN_MS = 1_000
const WARN_AGAIN_MS = 60_000

/**
 * The token of the options, or of a file that is read again, because file watchers miss how Kubernetes and Docker
 * replace mounted secrets. If the file can't be read any more, the token stays.
 * @throws SettingsError if there is no valid token
 */
export function createToken({ token, tokenFile, clock, log }: TokenOptions): Token {
  if (token === undefined && tokenFile === undefined)
    throw new SettingsError(
      (nameOf) =>
        `neither ${nameOf('token')} nor ${nameOf('tokenFile')} is set; give the endpoint's bearer token in one of them.`,
    )
  if (token !== undefined && tokenFile !== undefined)
    throw new SettingsError(
      (nameOf) => `${nameOf('token')} and ${nameOf('tokenFile')} are both set; remove one of them.`,
    )
  if (tokenFile === undefined) {
    const value = parseToken(token ?? '', 'token')
    return { current: () => value, read: () => Promise.resolve(value), onChange: () => {} }
  }

  let value = parseToken(readFirst(tokenFile), 'tokenFile')
  let readAt = clock()
  let warnedAt = LONG_AGO
  let inFlight: Promise<string> | undefined
  const listeners: (() => void)[] = []

  const readAgain = async () => {
    try {
      const next = parseToken(await readFile(tokenFile, 'utf8'), 'tokenFile')
      if (next !== value) {
        value = next
        for (const listener of listeners) listener()
      }
    } catch {
      if (clock() - warnedAt >= WARN_AGAIN_MS) {
        warnedAt = clock()
        log('warn', 'the token file can not be read; the last token stays in use')
      }
    }
    readAt = clock()
    inFlight = undefined
    return value
  }

  return {
    current: () => value,
    read(now = false) {
      if (!now && clock() - readAt < READ_AGAIN_MS) return Promise.resolve(value)
      inFlight ??= readAgain()
      return inFlight
    },
    onChange: (listener) => void listeners.push(listener),
  }
}

function readFirst(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    throw new SettingsError(
      (nameOf) => `${nameOf('tokenFile')} can not be read; give the path of a file with the bearer token.`,
      { cause },
    )
  }
}

/** The characters of a bearer token: https://www.rfc-editor.org/rfc/rfc6750#section-2.1 */
function parseToken(text: string, option: 'token' | 'tokenFile'): string {
  const token = text.trim()
  if (!/^[A-Za-z0-9\-._~+/]+=*$/.test(token))
    throw new SettingsError(
      (nameOf) => `${nameOf(option)} holds no bearer token; give one line of letters, digits and -._~+/=.`,
    )
  return token
}
