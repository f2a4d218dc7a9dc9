import { BATCH_ROWS } from './batch-rows.ts'
import { CHANGES_ROWS } from './changes-rows.ts'
import { GET_ROWS } from './get-rows.ts'
import { POST_ROWS } from './post-rows.ts'
import { FORBIDDEN, get, post, type Row, UNAUTHORIZED } from './row.ts'

const TOKEN: Row[] = [
  { title: 'no token', token: null, ...get('/apps/demo'), gateway: UNAUTHORIZED },
  {
    title: 'an unknown token',
    token: { header: 'Bearer sal_nobody' },
    ...get('/apps/demo'),
    gateway: FORBIDDEN,
  },
  { title: 'a revoked token', token: 'revoked', ...get('/apps/demo'), gateway: FORBIDDEN },
  {
    title: 'a token of another scheme',
    token: { header: 'Basic ZGVtbzpkZW1v' },
    ...get('/apps/demo'),
    gateway: FORBIDDEN,
  },
  {
    title: 'a scheme without a token',
    token: { header: 'Bearer' },
    ...get('/apps/demo'),
    gateway: FORBIDDEN,
  },
  { title: 'no token for POST', token: null, ...post({ id: 'demo' }), gateway: UNAUTHORIZED },
]

/** The HTTP contract. */
export const ROWS: readonly Row[] = [...GET_ROWS, ...POST_ROWS, ...BATCH_ROWS, ...CHANGES_ROWS, ...TOKEN]

/** The row of an event. @throws {Error} if there is none */
export function rowOf(event: string): Row {
  const row = ROWS.find((candidate) => candidate.event === event)
  if (!row) throw new Error(`No row has the event ${event}.`)
  return row
}
