import { notFound, own, posted, problem } from './expected.ts'
import { app, DEMO, invalid, ODD, PUBLIC_DEMO, post, type Row } from './row.ts'

const LOOKUP: Row[] = [
  {
    title: 'a body with an id',
    event: 'lookup-by-id',
    ...post({ id: 'demo' }),
    answer: posted({ app: DEMO }),
  },
  {
    title: 'a body with a key',
    event: 'lookup-by-key',
    ...post({ key: 'demo-key' }),
    answer: posted({ app: DEMO }),
  },
  { title: 'no such app', event: 'lookup-not-found', ...post({ id: 'nope' }), answer: notFound },
  { title: 'an id that is not allowed in a path', ...post({ id: ODD.id }), answer: posted({ app: ODD }) },
  { title: 'a key that is not allowed in a path', ...post({ key: ODD.key }), answer: posted({ app: ODD }) },
  {
    title: 'a key of 2,048 bytes',
    ...post({ key: 'k'.repeat(2048) }),
    answer: posted({ app: app('longest', { key: 'k'.repeat(2048) }) }),
  },
  { title: 'an id with NUL', ...post({ id: 'a\0b' }), answer: notFound },
  { title: 'an id of dots', ...post({ id: '..' }), answer: notFound },
  { title: 'an id that is not decoded', ...post({ id: '%2e' }), answer: notFound },
  { title: 'a public token', token: 'public', ...post({ id: 'demo' }), answer: posted({ app: PUBLIC_DEMO }) },
  {
    title: 'a header name in upper case',
    event: 'lookup-header-case',
    ...post({ id: 'demo' }),
    headers: { 'CONTENT-TYPE': 'application/json; charset=utf-8' },
    answer: posted({ app: DEMO }),
  },
  {
    title: 'a body that the gateway passes on in base64',
    event: 'lookup-base64',
    ...post({ id: 'demo' }, 'application/vnd.lookup+json'),
    answer: posted({ app: DEMO }),
  },
  {
    title: 'a repeated field: the last one applies',
    ...post('{"id":"nope","id":"demo"}'),
    answer: posted({ app: DEMO }),
  },
  {
    title: 'an unknown field',
    ...post({ id: 'demo', colour: 'red' }),
    answer: posted({ app: DEMO }),
  },
  {
    title: 'both id and key',
    event: 'lookup-invalid',
    ...post({ id: 'demo', key: 'demo-key' }),
    answer: invalid(/exactly one/),
  },
  { title: 'neither id nor key', ...post({}), answer: invalid(/exactly one/) },
  {
    title: 'an id and a batch',
    ...post({ id: 'demo', apps: [{ id: 'demo' }] }),
    answer: invalid(/exactly one/),
  },
  { title: 'an empty id', ...post({ id: '' }), answer: invalid(/2048 bytes/) },
  { title: 'an id of 2,049 bytes', ...post({ id: `${'é'.repeat(1024)}x` }), answer: invalid(/2048 bytes/) },
  { title: 'an id that is a number', ...post({ id: 7 }), answer: invalid(/not a string/) },
  { title: 'an id that is null', ...post({ id: null }), answer: invalid(/not a string/) },
  { title: 'a key that is a list', ...post({ key: ['demo-key'] }), answer: invalid(/not a string/) },
  { title: 'a lone surrogate', ...post('{"id":"\\ud83d"}'), answer: invalid(/Unicode/) },
  {
    title: 'a field named __proto__ is ignored',
    ...post('{"id":"demo","__proto__":{"key":"demo-key"},"constructor":{"prototype":{}}}'),
    answer: posted({ app: DEMO }),
  },
  {
    title: 'an id in __proto__ is ignored',
    ...post('{"__proto__":{"id":"demo"}}'),
    answer: invalid(/exactly one/),
  },
  { title: 'U+FFFD, written as itself', ...post('{"id":"demo\ufffd"}'), answer: invalid(/U\+FFFD/) },
  { title: 'U+FFFD, escaped', ...post('{"id":"demo\\ufffd"}'), answer: notFound },
  { title: 'a body that is not JSON', event: 'lookup-not-json', ...post('{"id":'), answer: invalid(/JSON/) },
  {
    title: 'no body',
    method: 'POST',
    path: '/apps/lookup',
    headers: { 'content-type': 'application/json' },
    answer: invalid(/JSON/),
  },
  { title: 'a body that is a list', ...post([{ id: 'demo' }]), answer: invalid(/object/) },
  { title: 'a body that is a string', ...post('"demo"'), answer: invalid(/object/) },
  { title: 'a body that is null', ...post('null'), answer: invalid(/object/) },
  {
    title: 'a body of another type',
    event: 'lookup-unsupported-media-type',
    ...post('id=demo', 'application/x-www-form-urlencoded'),
    answer: problem(415, 'unsupported-media-type'),
  },
  {
    title: 'a body without a type',
    ...post('{"id":"demo"}', null),
    answer: problem(415, 'unsupported-media-type'),
  },
  {
    title: 'a body over 64 KiB',
    ...post({ id: 'a'.repeat(65_536) }),
    answer: problem(413, 'body-too-large'),
  },
  {
    title: 'a body over 64 KiB in base64',
    ...post({ id: 'a'.repeat(65_536) }, 'application/vnd.lookup+json'),
    answer: problem(413, 'body-too-large'),
  },
]

// `sam local` decodes a body of any type.
const NOT_UTF8 = { local: invalid(/not UTF-8/), sam: own(502, 'Internal server error') }
const GATEWAY_BODIES: Row[] = ['application/json', 'application/vnd.lookup+json'].map((type) => ({
  title: `bytes that are not UTF-8, as ${type}`,
  ...post(Buffer.from('{"id":"demo\xff"}', 'latin1'), type),
  gateway: NOT_UTF8,
}))

/** Responses to POSTs for one app. */
export const POST_ROWS: readonly Row[] = [...LOOKUP, ...GATEWAY_BODIES]
