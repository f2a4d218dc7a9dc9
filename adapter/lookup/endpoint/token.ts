import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import type { RareLog } from '../log.ts'
import { SettingsError } from '../settings-error.ts'
import type { Timers } from '../timers.ts'

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
  readonly timers: Timers
  readonly rareLog: RareLog
}

const READ_AGAIN_MS = 1_000
/** A file system that hangs must not hold up lookups. */
const READ_TIMEOUT_MS = 500

/**
 * The token of the options, or of a file that is read again, because file watchers miss how Kubernetes and Docker
 * replace mounted secrets. If the file can't be read any more, the token stays.
 * @throws SettingsError if there is no valid token
 */
export function createToken({ token, tokenFile, clock, timers, rareLog }: TokenOptions): Token {
  if (token === undefined && tokenFile === undefined)
    throw new SettingsError(
      "neither {token} nor {tokenFile} is set; give the endpoint's bearer token in one of them.",
    )
  if (token !== undefined && tokenFile !== undefined)
    throw new SettingsError('{token} and {tokenFile} are both set; remove one of them.')
  let value =
    tokenFile === undefined ? parseToken(token ?? '', 'token') : parseToken(readFirst(tokenFile), 'tokenFile')
  let readAt = clock()
  /** One at a time: each that hangs takes a thread of the process. */
  let reading: Promise<string> | undefined
  const listeners: (() => void)[] = []

  const readAgain = async (file: string) => {
    try {
      reading ??= readFile(file, 'utf8').finally(() => {
        reading = undefined
      })
      const tooLate = new Promise<never>((_, reject) => timers.inBackground(READ_TIMEOUT_MS, () => reject()))
      const next = parseToken(await Promise.race([reading, tooLate]), 'tokenFile')
      if (next !== value) {
        value = next
        for (const listener of listeners) listener()
      }
    } catch {
      rareLog.write('warn', 'token', 'the token file cannot be read; the last token stays in use')
    }
    readAt = clock()
    return value
  }

  return {
    current: () => value,
    read: async (now = false) =>
      tokenFile !== undefined && (now || clock() - readAt >= READ_AGAIN_MS) ? readAgain(tokenFile) : value,
    onChange: (listener) => void listeners.push(listener),
  }
}

function readFirst(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    throw new SettingsError('{tokenFile} cannot be read; give the path of a file with the bearer token.', {
      cause,
    })
  }
}

/** The characters of a bearer token: https://www.rfc-editor.org/rfc/rfc6750#section-2.1 */
function parseToken(text: string, option: 'token' | 'tokenFile'): string {
  const token = text.trim()
  if (!/^[A-Za-z0-9\-._~+/]+=*$/.test(token))
    throw new SettingsError(
      `{${option}} holds no bearer token; give one line of letters, digits and -._~+/=.`,
    )
  return token
}
