import { hash, timingSafeEqual } from 'node:crypto'
import type { Identity } from './caller.ts'

/** An entry of the list: a consumer, its scope, and the SHA-256 of its token. */
export type Consumer = Identity & { readonly sha256: Buffer }

/** The prefix of every token, for secret scanners. 256 random bits in base64url follow. */
export const TOKEN_PREFIX = 'sal_'

/** The most entries that fit into a stack parameter and a function's environment (4 KB each). */
export const MAX_CONSUMERS = 40

// consumer:scope:sha256, the hash in base64url without padding (43 characters).
const ENTRY = /^([A-Za-z0-9._-]{1,40}):(full|public):([A-Za-z0-9_-]{43})$/

/**
 * Parses a list of `consumer:scope:sha256` entries, separated by commas. White space around entries is allowed.
 *
 * A consumer can have several entries, so that its token can be rotated without downtime.
 *
 * @throws {Error} with the number of the entry, not its text, which can be a token that was pasted by mistake
 */
export function parseConsumers(list: string): readonly Consumer[] {
  if (list.trim() === '') return []
  const entries = list.split(',')
  if (entries.length > MAX_CONSUMERS)
    throw new Error(`The list of consumers has ${entries.length} entries; ${MAX_CONSUMERS} is the most.`)
  return entries.map((entry, index) => {
    const [, consumer, scope, sha256] = ENTRY.exec(entry.trim()) ?? []
    if (!consumer || !sha256)
      throw new Error(`Entry ${index + 1} of the list of consumers is not consumer:scope:sha256.`)
    return { consumer, scope: scope === 'full' ? 'full' : 'public', sha256: Buffer.from(sha256, 'base64url') }
  })
}

/** The SHA-256 of a token in base64url, as an entry of the list has it. A 256-bit random token needs no salt. */
export function hashToken(token: string): string {
  return hash('sha256', token, 'base64url')
}

/**
 * Returns the identity of an `Authorization` header's token, or `undefined`.
 *
 * Every entry is compared in constant time, so that timing reveals nothing about the list.
 */
export function identify(authorization: unknown, consumers: readonly Consumer[]): Identity | undefined {
  if (typeof authorization !== 'string') return undefined
  const token = /^bearer +(\S+) *$/i.exec(authorization)?.[1]
  if (token === undefined) return undefined
  const sha256 = hash('sha256', token, 'buffer')
  const matches = consumers.filter((candidate) => timingSafeEqual(candidate.sha256, sha256))
  return matches[0] && { consumer: matches[0].consumer, scope: matches[0].scope }
}
