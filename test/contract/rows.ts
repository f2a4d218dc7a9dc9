import { expect } from 'vitest'
import type { App } from '../../functions/app.ts'
import type { TOKENS } from '../canary.ts'
import type { WireRequest } from '../http.ts'
import { type Expected, found, notFound, own, posted, problem } from './expected.ts'

/** One line of the HTTP contract: a request, and what every door answers to it. */
export type Row = WireRequest & {
  readonly title: string
  /** The file of events/ that holds this request as API Gateway hands it to the function. */
  readonly event?: string
  /** Whose token goes with it, `full` unless given; another text goes as the whole header, null sends none. */
  readonly token?: keyof typeof TOKENS | { readonly header: string } | null
} & (
    | { /** What the function behind the route answers. */ readonly answer: Expected }
    | {
        /** What the gateway answers by itself, at each door in its own words. */
        readonly gateway: { readonly local: Expected; readonly sam: Expected }
      }
  )

/** The sample app `demo` as the contract has it. */
export const DEMO: App = {
  id: 'demo',
  key: 'demo-key',
  secret: 'demo-secret',
  enabled: true,
  maxConnections: 200,
  enableClientMessages: false,
  maxBackendEventsPerSecond: -1,
  maxClientEventsPerSecond: -1,
  maxReadRequestsPerSecond: -1,
  webhooks: [],
}

/** A sample app that has nothing but what it must have, and these. */
const app = (id: string, others: Partial<App> = {}): App => ({
  id,
  key: `${id}-key`,
  secret: `${id}-secret`,
  enabled: true,
  ...others,
})
const { secret: _, ...PUBLIC_DEMO } = DEMO
const HOOK = { url: 'https://example.com/hook', event_types: ['channel_occupied'] }
const HOOK_WITH_HEADERS = { ...HOOK, headers: { 'X-Auth': 'sample' } }
const ODD = { id: 'böse / 👾 ?#%', key: 'clé / 🔑 ?#%', secret: 'böse / 👾 ?#%-secret', enabled: true }

const get = (path: string): WireRequest => ({ method: 'GET', path })
const post = (body: unknown, contentType: string | null = 'application/json'): WireRequest => ({
  method: 'POST',
  path: '/apps/lookup',
  headers: contentType === null ? {} : { 'content-type': contentType },
  body: typeof body === 'string' ? body : JSON.stringify(body),
})
const invalid = (detail?: RegExp) => problem(400, 'invalid-request', detail)
const malformed = (attribute: string) =>
  problem(500, 'app-malformed', new RegExp(`attribute ${attribute} is not`))
const result = (status: number, code: string) => expect.objectContaining({ status, code })
const age = expect.any(Number)
const ok = (app: object) => ({ status: 200, app, etag: expect.stringMatching(/^"[\w-]{27}"$/), age })
const none = { status: 404, code: 'app-not-found', age }

// `sam local start-api` speaks for API Gateway's REST API here.
const NO_ROUTE = { local: own(404, 'Not Found'), sam: own(403, 'Missing Authentication Token') }
const UNAUTHORIZED = { local: own(401, 'Unauthorized'), sam: own(401, 'Unauthorized') }
const FORBIDDEN = {
  local: own(403, 'Forbidden'),
  sam: own(403, 'User is not authorized to access this resource'),
}

const BY_ID: Row[] = [
  { title: 'an id finds its app', event: 'find-by-id', ...get('/apps/demo'), answer: found(DEMO) },
  { title: 'an id that no app has', event: 'find-by-id-not-found', ...get('/apps/nope'), answer: notFound },
  {
    title: 'a disabled app exists, and says so',
    event: 'find-by-id-disabled',
    ...get('/apps/disabled'),
    answer: { status: 200, members: { app: { id: 'disabled', enabled: false } } },
  },
  {
    title: 'a public token sees no secret',
    event: 'find-by-id-public',
    token: 'public',
    ...get('/apps/demo'),
    answer: found(PUBLIC_DEMO),
  },
  {
    title: 'a public token sees no headers of a webhook',
    token: 'public',
    ...get('/apps/webhooks'),
    answer: { status: 200, members: { app: { webhooks: [HOOK] } } },
  },
  {
    title: 'an app the caller already has is not sent again',
    event: 'find-by-id-not-modified',
    ...get('/apps/bare'),
    headers: { 'if-none-match': '*' },
    answer: {
      status: 304,
      exact: '',
      headers: { etag: /^"[\w-]{27}"$/, 'cache-control': 'private, max-age=10', age: /^\d+$/ },
    },
  },
  {
    title: 'another tag is no match',
    ...get('/apps/bare'),
    headers: { 'if-none-match': '"other"' },
    answer: found(app('bare')),
  },
  {
    title: 'an item from before soketi 0.29 has only what it has',
    ...get('/apps/legacy'),
    answer: found(app('legacy', { maxConnections: -1 })),
  },
  {
    title: 'native booleans and lists',
    ...get('/apps/native'),
    answer: found(
      app('native', {
        maxConnections: 100,
        enableClientMessages: true,
        enableUserAuthentication: false,
        webhooks: [HOOK_WITH_HEADERS],
      }),
    ),
  },
  {
    title: "AWS CLI v2's binary booleans",
    ...get('/apps/cli-v2'),
    answer: found(app('cli-v2', { enableClientMessages: true })),
  },
  {
    title: 'booleans and numbers as text',
    ...get('/apps/text'),
    answer: found(
      app('text', {
        maxConnections: 50,
        enableClientMessages: false,
        enableUserAuthentication: true,
        maxEventPayloadInKb: 0.5,
      }),
    ),
  },
  {
    title: 'every limit, fractions where soketi has them',
    ...get('/apps/limited'),
    answer: found(
      app('limited', {
        maxConnections: 2,
        maxBackendEventsPerSecond: 10,
        maxClientEventsPerSecond: 0,
        maxReadRequestsPerSecond: 5,
        maxPresenceMembersPerChannel: 3,
        maxPresenceMemberSizeInKb: 1.5,
        maxChannelNameLength: 64,
        maxEventChannelsAtOnce: 4,
        maxEventNameLength: 32,
        maxEventPayloadInKb: 0.25,
        maxEventBatchSize: 2,
      }),
    ),
  },
  {
    title: 'unknown attributes are not passed on',
    ...get('/apps/extra'),
    answer: found({ ...DEMO, ...app('extra') }),
  },
  { title: 'an id named as a path is an id', ...get('/apps/lookup'), answer: found(app('lookup')) },
  { title: 'another one', ...get('/apps/by-key'), answer: found(app('by-key')) },
  {
    title: "an id equal to another app's key is an id",
    ...get('/apps/demo-key'),
    answer: found(app('demo-key', { key: 'id-is-a-key-key' })),
  },
  { title: 'a query is ignored', ...get('/apps/demo?id=disabled&id=x'), answer: found(DEMO) },
  {
    title: 'an item without a secret is no app',
    event: 'find-by-id-malformed',
    ...get('/apps/no-secret'),
    answer: malformed('AppSecret'),
  },
  { title: 'an item without a key', ...get('/apps/no-key'), answer: malformed('AppKey') },
  { title: 'a boolean that is none', ...get('/apps/bad-boolean'), answer: malformed('Enabled') },
  { title: 'a number that is none', ...get('/apps/bad-number'), answer: malformed('MaxConnections') },
  { title: 'webhooks that are no list', ...get('/apps/bad-webhooks'), answer: malformed('Webhooks') },
  { title: 'a webhook without event_types', ...get('/apps/bad-event-types'), answer: malformed('Webhooks') },
]

const BY_KEY: Row[] = [
  {
    title: 'a key finds its app',
    event: 'find-by-key',
    ...get('/apps/by-key/demo-key'),
    answer: found(DEMO),
  },
  {
    title: 'a key that no app has',
    event: 'find-by-key-not-found',
    ...get('/apps/by-key/demo'),
    answer: notFound,
  },
  {
    title: 'a key that two apps have gives neither',
    event: 'find-by-key-not-unique',
    ...get('/apps/by-key/twin-key'),
    answer: problem(500, 'app-key-not-unique'),
  },
  {
    title: 'a key of an item that is no app',
    ...get('/apps/by-key/no-secret-key'),
    answer: malformed('AppSecret'),
  },
  {
    title: 'a key that a path can carry but is too long',
    ...get(`/apps/by-key/${'k'.repeat(256)}`),
    answer: invalid(/POST/),
  },
]

const PATHS: Row[] = [
  {
    title: 'an id of an emoji',
    event: 'find-by-id-invalid',
    ...get('/apps/%F0%9F%91%BE'),
    answer: invalid(/POST \/apps\/lookup/),
  },
  { title: 'an id of 255 characters', ...get(`/apps/${'a'.repeat(255)}`), answer: notFound },
  { title: 'an id of 256 characters', ...get(`/apps/${'a'.repeat(256)}`), answer: invalid() },
  { title: 'an id with a space', ...get('/apps/a%20b'), answer: invalid() },
  { title: 'an id with NUL', ...get('/apps/a%00b'), answer: invalid() },
]

// Paths in which the gateways themselves differ: werkzeug, inside sam local, decodes and cleans a path before it looks for a route.
const GATEWAY_PATHS: Row[] = [
  { title: 'an unknown route', ...get('/nope'), gateway: NO_ROUTE },
  { title: 'no id', ...get('/apps/'), gateway: NO_ROUTE },
  { title: 'an unknown method', method: 'DELETE', path: '/apps/demo', gateway: NO_ROUTE },
  { title: 'POST by id', method: 'POST', path: '/apps/demo', gateway: NO_ROUTE },
  { title: 'a slash too many', ...get('/apps/a/b'), gateway: NO_ROUTE },
  { title: 'an id of a dot', ...get('/apps/.'), gateway: { local: invalid(), sam: invalid() } },
  { title: 'an id of two dots', ...get('/apps/..'), gateway: { local: invalid(), sam: invalid() } },
  { title: 'an id of an encoded dot', ...get('/apps/%2e'), gateway: { local: invalid(), sam: invalid() } },
  {
    title: 'an id with a slash',
    ...get('/apps/a%2Fb'),
    gateway: { local: invalid(), sam: own(403, 'Missing Authentication Token') },
  },
  {
    title: 'a lone percent sign',
    ...get('/apps/%'),
    gateway: { local: own(400, 'Bad Request'), sam: invalid() },
  },
  {
    title: 'a lone surrogate',
    ...get('/apps/%ED%A0%80'),
    gateway: { local: own(400, 'Bad Request'), sam: invalid() },
  },
  {
    title: 'what follows an encoded question mark is cut off, as API Gateway does',
    ...get('/apps/demo%3Fx'),
    gateway: { local: found(DEMO), sam: invalid() },
  },
]

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
  { title: 'an id that no path can carry', ...post({ id: ODD.id }), answer: posted({ app: ODD }) },
  { title: 'a key that no path can carry', ...post({ key: ODD.key }), answer: posted({ app: ODD }) },
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
    title: 'a body that the gateway hands over in base64',
    event: 'lookup-base64',
    ...post({ id: 'demo' }, 'application/vnd.lookup+json'),
    answer: posted({ app: DEMO }),
  },
  {
    title: 'a repeated field: the last one counts',
    ...post('{"id":"nope","id":"demo"}'),
    answer: posted({ app: DEMO }),
  },
  {
    title: 'a field without a meaning',
    ...post({ id: 'demo', colour: 'red' }),
    answer: posted({ app: DEMO }),
  },
  {
    title: 'both id and key',
    event: 'lookup-invalid',
    ...post({ id: 'demo', key: 'demo-key' }),
    answer: invalid(/exactly one/),
  },
  { title: 'neither', ...post({}), answer: invalid(/exactly one/) },
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
  { title: 'a field named __proto__', ...post('{"__proto__":{"id":"demo"}}'), answer: invalid(/__proto__/) },
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

const BATCH: Row[] = [
  {
    title: 'a batch answers each entry in its place, whatever the others are',
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
  { title: 'a batch of none', ...post({ apps: [] }), answer: invalid(/1 to 100/) },
  { title: 'a batch that is no list', ...post({ apps: { id: 'demo' } }), answer: invalid(/1 to 100/) },
]

const TOKEN: Row[] = [
  { title: 'no token', token: null, ...get('/apps/demo'), gateway: UNAUTHORIZED },
  {
    title: 'a token that nobody has',
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
export const ROWS: readonly Row[] = [
  ...BY_ID,
  ...BY_KEY,
  ...PATHS,
  ...GATEWAY_PATHS,
  ...LOOKUP,
  ...BATCH,
  ...TOKEN,
]
