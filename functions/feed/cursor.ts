import { LookupError } from '../lookup-error.ts'

/** A place in the change log: after the entry with this number of this epoch. */
export type Cursor = { readonly epoch: string; readonly seq: number }

/** An epoch is 64 random bits in base64url. */
export const EPOCH = /^[A-Za-z0-9_-]{11}$/

/** A valid cursor of an epoch that is never used. */
export const NO_CURSOR: Cursor = { epoch: 'AAAAAAAAAAA', seq: 1 }

const CURSOR = /^([A-Za-z0-9_-]{11})\.([1-9]\d{0,15})$/

/** The text of a cursor, which callers send back unchanged. */
export function formatCursor({ epoch, seq }: Cursor): string {
  return `${epoch}.${seq}`
}

/** The cursor in the query. @throws {LookupError} `invalid-request` if it is not a cursor */
export function parseCursor(since: string): Cursor {
  const [, epoch, digits] = CURSOR.exec(since) ?? []
  const seq = Number(digits)
  if (epoch && Number.isSafeInteger(seq)) return { epoch, seq }
  throw new LookupError(
    'invalid-request',
    'since must be one cursor from a response of this route. Omit it to get a cursor to start from.',
  )
}
