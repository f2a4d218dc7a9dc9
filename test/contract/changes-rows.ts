import { expect } from 'vitest'
import { found, notFound, problem } from './expected.ts'
import { DEMO, FORBIDDEN, get, invalid, NO_ROUTE, type Row, UNAUTHORIZED } from './row.ts'

const seconds = expect.any(Number)

/** The response to a poll, which must not be cached. */
const start = {
  status: 200,
  exact: {
    changes: [],
    cursor: expect.stringMatching(/^[\w-]{11}\.\d+$/),
    more: false,
    heartbeatAge: seconds,
    age: seconds,
  },
  headers: { 'content-type': 'application/json', 'cache-control': 'no-store', etag: null, age: null },
}

const noCursor = invalid(/since must be one cursor/)
const expired = problem(410, 'cursor-expired', /start again without since/)

/**
 * Responses to polls of the change feed that do not depend on the log, which has a heartbeat here. The tests of the feed
 * have the others.
 */
export const CHANGES_ROWS: readonly Row[] = [
  {
    title: 'a poll without a cursor gets the cursor of the end',
    event: 'changes-start',
    ...get('/changes'),
    answer: start,
  },
  { title: 'an unknown parameter', ...get('/changes?limit=1'), answer: start },
  {
    title: 'a public token',
    event: 'changes-public',
    token: 'public',
    ...get('/changes'),
    answer: problem(403, 'scope-too-narrow'),
  },
  {
    title: 'a cursor of another epoch',
    event: 'changes-expired',
    ...get('/changes?since=AAAAAAAAAAA.1'),
    answer: expired,
  },
  {
    title: 'a cursor of other characters',
    event: 'changes-invalid',
    ...get('/changes?since=AAAAAAAAAA%20.1'),
    answer: noCursor,
  },
  { title: 'an empty cursor', ...get('/changes?since='), answer: noCursor },
  { title: 'a cursor without a number', ...get('/changes?since=AAAAAAAAAAA'), answer: noCursor },
  { title: 'a negative cursor', ...get('/changes?since=AAAAAAAAAAA.-1'), answer: noCursor },
  { title: 'a cursor of 0', ...get('/changes?since=AAAAAAAAAAA.0'), answer: noCursor },
  { title: 'a cursor with a fraction', ...get('/changes?since=AAAAAAAAAAA.1.5'), answer: noCursor },
  { title: 'a cursor of 16 digits', ...get('/changes?since=AAAAAAAAAAA.9999999999999999'), answer: noCursor },
  {
    title: 'a cursor far beyond the end',
    ...get(`/changes?since=AAAAAAAAAAA.${2 ** 53 - 1}`),
    answer: expired,
  },
  { title: 'a cursor that is too long', ...get(`/changes?since=${'A'.repeat(4000)}.1`), answer: noCursor },
  {
    title: 'two cursors',
    ...get('/changes?since=AAAAAAAAAAA.1&since=AAAAAAAAAAA.2'),
    answer: noCursor,
  },
  { title: 'a cursor on another route', ...get('/apps/demo?since=AAAAAAAAAAA.1'), answer: found(DEMO) },
  { title: 'an app with the id changes', ...get('/apps/changes'), answer: notFound },
  { title: 'a poll by POST', method: 'POST', path: '/changes', gateway: NO_ROUTE },
  { title: 'a poll without a token', token: null, ...get('/changes'), gateway: UNAUTHORIZED },
  {
    title: 'a poll with an unknown token',
    token: { header: 'Bearer sal_nobody' },
    ...get('/changes'),
    gateway: FORBIDDEN,
  },
]
