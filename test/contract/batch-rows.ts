import { expect } from 'vitest'
import { notFound, posted } from './expected.ts'
import { app, DEMO, invalid, PUBLIC_DEMO, post, ROTATED, type Row } from './row.ts'

const result = (status: number, code: string) => expect.objectContaining({ status, code })
const age = expect.any(Number)
const ok = (app: object) => ({ status: 200, app, etag: expect.stringMatching(/^"[\w-]{27}"$/), age })
const none = { status: 404, code: 'app-not-found', age }
const consistent = true
const HEARTBEAT = '~heartbeat.eu-west-1'

const BATCH: Row[] = [
  {
    title: 'a batch has a result for each entry, in order',
    event: 'lookup-batch',
    ...post({
      apps: [
        { id: 'demo' },
        { id: '' },
        { key: 'legacy-key' },
        { id: 'nope' },
        { key: 'twin-key' },
        7,
        { id: 'no-secret' },
        { id: 'bare', etag: '*' },
        { id: 'bare', etag: '"other"' },
        { id: 'demo', key: 'demo-key' },
        { id: 'demo' },
      ],
    }),
    answer: posted({
      results: [
        ok(DEMO),
        result(400, 'invalid-request'),
        ok(app('legacy', { maxConnections: -1 })),
        none,
        result(500, 'app-key-not-unique'),
        result(400, 'invalid-request'),
        result(500, 'app-malformed'),
        { status: 304, age },
        ok(app('bare')),
        result(400, 'invalid-request'),
        ok(DEMO),
      ],
    }),
  },
  {
    title: 'a batch for a public token',
    token: 'public',
    ...post({ apps: [{ id: 'demo' }] }),
    answer: posted({ results: [ok(PUBLIC_DEMO)] }),
  },
  {
    title: 'a batch with previous secrets',
    ...post({ apps: [{ id: 'rotated' }, { id: 'after-rotation' }] }),
    answer: posted({ results: [ok(ROTATED), ok(app('after-rotation'))] }),
  },
  {
    title: 'a batch of 100',
    ...post({
      apps: Array.from({ length: 100 }, (_, index) => ({ id: index % 2 ? 'demo' : `none-${index}` })),
    }),
    answer: posted({
      results: Array.from({ length: 100 }, (_, index) => (index % 2 ? ok(DEMO) : none)),
    }),
  },
  {
    title: 'a batch of 101',
    ...post({ apps: Array(101).fill({ id: 'demo' }) }),
    answer: invalid(/1 to 100/),
  },
  {
    title: 'a heartbeat in a batch',
    event: 'lookup-batch-heartbeat',
    ...post({ apps: [{ id: HEARTBEAT }, { key: HEARTBEAT }, { id: 'bare' }] }),
    answer: posted({ results: [none, none, ok(app('bare'))] }),
  },
  { title: 'an empty batch', ...post({ apps: [] }), answer: invalid(/1 to 100/) },
  { title: 'a batch that is not a list', ...post({ apps: { id: 'demo' } }), answer: invalid(/1 to 100/) },
]

const CONSISTENT: Row[] = [
  {
    title: 'a consistent batch reads ids consistently, and rejects keys',
    event: 'lookup-consistent',
    ...post({
      consistent,
      apps: [
        { id: 'demo' },
        { key: 'legacy-key' },
        { id: 'nope' },
        { id: 'bare', etag: '*' },
        { id: 'no-secret' },
        { id: HEARTBEAT },
        { id: '' },
      ],
    }),
    answer: posted({
      results: [
        { ...ok(DEMO), consistent },
        result(400, 'invalid-request'),
        { ...none, consistent },
        { status: 304, age, consistent },
        { status: 500, code: 'app-malformed', detail: expect.stringContaining('AppSecret') },
        { ...none, consistent },
        result(400, 'invalid-request'),
      ],
    }),
  },
  {
    title: 'one id read consistently',
    event: 'lookup-consistent-by-id',
    ...post({ id: 'demo', consistent }),
    answer: posted({ app: DEMO, consistent }),
  },
  {
    title: 'one id that no app has, read consistently',
    ...post({ id: 'nope', consistent }),
    answer: { ...notFound, members: { code: 'app-not-found', app: null, consistent } },
  },
  {
    title: 'a public token sees no secret in a consistent read either',
    token: 'public',
    ...post({ id: 'demo', consistent }),
    answer: posted({ app: PUBLIC_DEMO, consistent }),
  },
  {
    title: 'a key is never read consistently',
    event: 'lookup-consistent-by-key',
    ...post({ key: 'demo-key', consistent }),
    answer: invalid(/only ids can be read consistently/),
  },
  {
    title: 'consistent: false has no effect',
    ...post({ key: 'demo-key', consistent: false }),
    answer: posted({ app: DEMO }),
  },
  ...['true', 1, null, [true]].map((wrong) => ({
    title: `consistent that is ${JSON.stringify(wrong)}`,
    ...post({ apps: [{ id: 'demo' }], consistent: wrong }),
    answer: invalid(/consistent must be true or false/),
  })),
]

/** Responses to POSTs for a batch, and for consistent reads. */
export const BATCH_ROWS: readonly Row[] = [...BATCH, ...CONSISTENT]
