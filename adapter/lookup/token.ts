import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import type { Log } from './settings.ts'

/** The bearer token as it is now. */
export type Token = {
  /** What was read last. */
  current(): string
  /** The token, read again if it comes from a file and that was not done for a second, or if `now` is true. */
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
 * The token of the options, or of a file that is read again while it is used: Kubernetes and Docker replace
 * mounted secrets in ways that file watchers miss. A file that can't be read any more changes nothing.
 * @throws Error that names the option, never the value, when there is no usable token.
 */
export function createToken({ token, tokenFile, clock, log }: TokenOptions): Token {
  if ((token === undefined) === (tokenFile === undefined)) throw new Error('give either token or tokenFile')
  if (tokenFile === undefined) {
    const value = parseToken(token ?? '', 'token')
    return { current: () => value, read: () => Promise.resolve(value), onChange: () => {} }
  }

  let value = parseToken(readFirst(tokenFile), 'tokenFile')
  let readAt = clock()
  let warnedAt = Number.NEGATIVE_INFINITY
  let underWay: Promise<string> | undefined
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
    underWay = undefined
    return value
  }

  return {
    current: () => value,
    read(now = false) {
      if (!now && clock() - readAt < READ_AGAIN_MS) return Promise.resolve(value)
      underWay ??= readAgain()
      return underWay
    },
    onChange: (listener) => void listeners.push(listener),
  }
}

function readFirst(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new Error('tokenFile: the file can not be read', { cause: error })
  }
}

/** The characters of a bearer token: https://www.rfc-editor.org/rfc/rfc6750#section-2.1 */
function parseToken(text: string, option: string): string {
  const token = text.trim()
  if (!/^[A-Za-z0-9\-._~+/]+=*$/.test(token)) throw new Error(`${option}: not a bearer token`)
  return token
}
