import { randomBytes } from 'node:crypto'

/** A secret of 256 random bits in hexadecimal, which every Pusher library and every shell accepts unquoted. */
export function newSecret(): string {
  return randomBytes(32).toString('hex')
}

/** The note after a new secret was printed. */
export const SECRET_NOTE = 'Store the secret now. To print it again later, run show with --secret.'
