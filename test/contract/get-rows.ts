import { found, notFound, own, problem } from './expected.ts'
import {
  app,
  DEMO,
  get,
  HOOK,
  HOOK_WITH_HEADERS,
  invalid,
  malformed,
  NO_ROUTE,
  PUBLIC_DEMO,
  PUBLIC_ROTATED,
  ROTATED,
  type Row,
} from './row.ts'

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
    title: 'an app has its previous secret until that is over',
    ...get('/apps/rotated'),
    answer: found(ROTATED),
  },
  {
    title: 'a previous secret that is over',
    ...get('/apps/after-rotation'),
    answer: found(app('after-rotation')),
  },
  {
    title: 'a public token sees no previous secret',
    token: 'public',
    ...get('/apps/rotated'),
    answer: found(PUBLIC_ROTATED),
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
    title: 'another ETag does not match',
    ...get('/apps/bare'),
    headers: { 'if-none-match': '"other"' },
    answer: found(app('bare')),
  },
  {
    title: 'an item from before soketi 0.29 has only its own fields',
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
    title: "a webhook is as it is stored, even if soketi can't use it",
    ...get('/apps/odd-webhook'),
    answer: found(
      app('odd-webhook', {
        webhooks: [{ event_types: ['channel_occupied'], url: 7, headers: 'none', filter: [] }],
      }),
    ),
  },
  {
    title: 'unknown attributes are ignored',
    ...get('/apps/extra'),
    answer: found({ ...DEMO, ...app('extra') }),
  },
  { title: 'an id equal to a segment of a path', ...get('/apps/lookup'), answer: found(app('lookup')) },
  { title: 'another id equal to a segment of a path', ...get('/apps/by-key'), answer: found(app('by-key')) },
  {
    title: "an id equal to another app's key is an id",
    ...get('/apps/demo-key'),
    answer: found(app('demo-key', { key: 'id-is-a-key-key' })),
  },
  {
    title: 'a heartbeat item is not an app',
    event: 'find-by-id-heartbeat',
    ...get('/apps/~heartbeat.eu-west-1'),
    answer: notFound,
  },
  { title: 'a query is ignored', ...get('/apps/demo?id=disabled&id=x'), answer: found(DEMO) },
  {
    title: 'an item without a secret is malformed',
    event: 'find-by-id-malformed',
    ...get('/apps/no-secret'),
    answer: malformed('AppSecret'),
  },
  { title: 'an item without a key', ...get('/apps/no-key'), answer: malformed('AppKey') },
  { title: 'text that is not a boolean', ...get('/apps/bad-boolean'), answer: malformed('Enabled') },
  { title: 'text that is not a number', ...get('/apps/bad-number'), answer: malformed('MaxConnections') },
  { title: 'webhooks that are not a list', ...get('/apps/bad-webhooks'), answer: malformed('Webhooks') },
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
    title: 'a key of two apps finds neither',
    event: 'find-by-key-not-unique',
    ...get('/apps/by-key/twin-key'),
    answer: problem(500, 'app-key-not-unique'),
  },
  {
    title: 'the key of a heartbeat item finds no app',
    event: 'find-by-key-heartbeat',
    ...get('/apps/by-key/~heartbeat.eu-west-1'),
    answer: notFound,
  },
  {
    title: 'the key of a malformed item',
    ...get('/apps/by-key/no-secret-key'),
    answer: malformed('AppSecret'),
  },
  {
    title: 'a key that is too long for a path',
    ...get(`/apps/by-key/${'k'.repeat(256)}`),
    answer: invalid(/POST/),
  },
]

const PATHS: Row[] = [
  {
    title: 'an id with an emoji',
    event: 'find-by-id-invalid',
    ...get('/apps/%F0%9F%91%BE'),
    answer: invalid(/POST \/apps\/lookup/),
  },
  { title: 'an id of 255 characters', ...get(`/apps/${'a'.repeat(255)}`), answer: notFound },
  { title: 'an id of 256 characters', ...get(`/apps/${'a'.repeat(256)}`), answer: invalid() },
  { title: 'an id with a space', ...get('/apps/a%20b'), answer: invalid() },
  { title: 'an id with NUL', ...get('/apps/a%00b'), answer: invalid() },
]

// Paths for which the gateways differ: werkzeug, in sam local, decodes and normalizes a path before routing.
const GATEWAY_PATHS: Row[] = [
  { title: 'an unknown route', ...get('/nope'), gateway: NO_ROUTE },
  { title: 'no id', ...get('/apps/'), gateway: NO_ROUTE },
  { title: 'an unknown method', method: 'DELETE', path: '/apps/demo', gateway: NO_ROUTE },
  { title: 'POST by id', method: 'POST', path: '/apps/demo', gateway: NO_ROUTE },
  { title: 'a path with an extra slash', ...get('/apps/a/b'), gateway: NO_ROUTE },
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
    title: 'text after an encoded question mark is removed, as in API Gateway',
    ...get('/apps/demo%3Fx'),
    gateway: { local: found(DEMO), sam: invalid() },
  },
]

/** Responses to GETs: by id, by key, and with invalid paths. */
export const GET_ROWS: readonly Row[] = [...BY_ID, ...BY_KEY, ...PATHS, ...GATEWAY_PATHS]
