import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { LocalStack } from '../../dev/local-stack.ts'
import { type Entry, encodeEntry } from '../../functions/feed/change-entry.ts'
import { hashKey } from '../../functions/feed/stream-records.ts'
import { eventOf } from '../contract/event.ts'
import { get, post, type Row } from '../contract/row.ts'
import { TOKENS } from '../support/canary.ts'
import { send, type WireRequest } from '../support/http.ts'
import { CONTEXT, loadHandler } from '../support/load-handler.ts'
import { answer, MISBEHAVIOURS, type Misbehaviour } from '../support/misbehaving-dynamodb.ts'
import { OPENAPI, type Operation } from '../support/openapi.ts'
import { captureOutput } from '../support/output.ts'
import { startTestStack } from '../support/test-stack.ts'
import { functionsOnDynamoDB } from './function-on.ts'

captureOutput()
const start = functionsOnDynamoDB()
let stack: LocalStack
beforeAll(async () => {
  stack = await startTestStack()
})
afterAll(() => stack.close())

type Answered = { readonly status: number; readonly body: string }
type SendExample = () => Promise<Answered>

const local =
  (request: WireRequest, token: string | undefined = TOKENS.full): SendExample =>
  () =>
    send(stack.url, {
      ...request,
      headers: { ...request.headers, ...(token && { authorization: `Bearer ${token}` }) },
    })
const onDynamoDB =
  (misbehave: Misbehaviour, name: string, request: WireRequest, variables = {}): SendExample =>
  async () =>
    (await (await start(misbehave, name, variables)).invoke(request)).wire

/** GET /changes of a function whose log has these entries. */
const poll = (path: string, ...entries: readonly Entry[]): SendExample => {
  const Items = entries.map(encodeEntry)
  const log: Misbehaviour = (_request, response) =>
    answer(response, 200, { Items, Count: Items.length, ScannedCount: Items.length })
  return onDynamoDB(log, 'FindChanges', get(path), { CHANGE_LOG_TABLE: 'changes' })
}
const now = Math.floor(Date.now() / 1000)
const entry = { epoch: 'k3J9x-fQz2M', hints: [], heartbeatAt: now - 30, source: 'arn', appendedAt: now }
const KEYS = ['old-demo-key', 'demo-key'].map(hashKey)

/** An internal error: a context of Lambda without a remaining time. */
const defect: SendExample = async () => {
  const handler = await loadHandler('FindChanges', { PRIME: 'off' })
  const event = eventOf(get('/changes') as Row)
  const { statusCode, body } = (await handler(event, {
    ...CONTEXT,
    getRemainingTimeInMillis: undefined,
  })) as { statusCode: number; body: string }
  return { status: statusCode, body }
}

const lookup = OPENAPI.paths['/apps/lookup']?.post
const requestExample = (name: string): WireRequest =>
  post(lookup?.requestBody?.content['application/json']?.examples?.[name]?.value)

const byGateway = (request: WireRequest) => ({
  '401 json': local(request, ''),
  '403 json': local(request, 'sal_nobody'),
})
const byPath = (name: string, folder: string, of: (app: string) => string) => ({
  '200 json': local(get(`${folder}/${of('demo')}`)),
  '400 problem': local(get(`${folder}/a%20b`)),
  '404 problem': local(get(`${folder}/nope`)),
  '404 json': local({ method: 'PUT', path: `${folder}/demo` }),
  '500 problem': local(get(`${folder}/${of('no-secret')}`)),
  '503 problem': onDynamoDB(MISBEHAVIOURS['answers 500'], name, get(`${folder}/demo`)),
  ...byGateway(get(`${folder}/demo`)),
})

/** The request for each example, by operation, status, kind of body, and name. */
const REQUESTS: Readonly<Record<string, Readonly<Record<string, SendExample>>>> = {
  findAppById: byPath('FindAppById', '/apps', (app) => app),
  findAppByKey: byPath('FindAppByKey', '/apps/by-key', (app) => `${app}-key`),
  lookupApps: {
    '200 json byId': local(requestExample('byId')),
    '200 json byKey': local(requestExample('byKey')),
    '200 json rotated': local(requestExample('rotated')),
    '200 json batch': local(requestExample('batch')),
    '200 json consistent': local(requestExample('consistent')),
    '400 problem': local(post({})),
    '404 problem': local(post({ id: 'nope' })),
    '404 json': local({ method: 'PUT', path: '/apps/lookup' }),
    '413 problem': local(post({ id: 'x'.repeat(65_536) })),
    '415 problem': local(post('id=demo', 'text/plain')),
    '500 problem': local(post({ id: 'no-secret' })),
    '503 problem': onDynamoDB(MISBEHAVIOURS['answers 500'], 'LookupApps', post({ id: 'demo' })),
    ...byGateway(post({ id: 'demo' })),
  },
  findChanges: {
    '200 json start': poll('/changes', { ...entry, seq: 4711 }),
    '200 json changes': poll(
      '/changes?since=k3J9x-fQz2M.4711',
      { ...entry, seq: 4711 },
      { ...entry, seq: 4712, hints: [{ id: 'demo', keys: KEYS }] },
      { ...entry, seq: 4713, hints: [{ id: 'legacy' }] },
    ),
    '400 problem': local(get('/changes?since=yesterday')),
    '403 problem': local(get('/changes'), TOKENS.public),
    '410 problem': local(get('/changes?since=AAAAAAAAAAA.1')),
    '500 problem': defect,
    '503 problem': poll('/changes'),
    ...byGateway(get('/changes')),
  },
}

/** Responses of API Gateway only: the local server has no limits and no functions that crash. */
const ONLY_ON_AWS: Readonly<Record<string, object>> = {
  '429 json': { message: 'Too Many Requests' },
  '500 json': { message: 'Internal Server Error' },
  '503 json': { message: 'Service Unavailable' },
}

const KINDS: Readonly<Record<string, string>> = {
  'application/json': 'json',
  'application/problem+json': 'problem',
}

type Example = { readonly operation: string; readonly name: string; readonly value: unknown }

/** Every example of a response; a body without one has the value undefined. */
function examplesOf({ operationId, responses }: Operation): Example[] {
  return Object.entries(responses).flatMap(([status, { $ref, ...inline }]) => {
    const { content = {} } = ($ref && OPENAPI.components.responses[$ref.split('/').at(-1) ?? '']) || inline
    return Object.entries(content).flatMap(([mediaType, { example, examples }]) => {
      const name = `${status} ${KINDS[mediaType]}`
      const named = Object.entries(examples ?? { '': { value: example } })
      return named.map(([suffix, { value }]) => ({
        operation: operationId,
        name: `${name} ${suffix}`.trim(),
        value,
      }))
    })
  })
}

const VARIES = new Set(['requestId', 'age', 'heartbeatAge'])

/** A body in which values that change with each response are replaced by their types. */
const withTypes = (json: string): unknown =>
  JSON.parse(json, (member, value) => (VARIES.has(member) ? typeof value : value))

describe('an example in openapi.yaml equals the response:', () => {
  const operations = Object.values(OPENAPI.paths).flatMap((path) => Object.values(path))
  it.each(operations.flatMap(examplesOf))('$operation $name', async ({ operation, name, value }) => {
    expect(value, 'a response with a body has an example').toBeDefined()
    const fromAws = ONLY_ON_AWS[name]
    if (fromAws) return expect(value).toEqual(fromAws)
    const sendExample = REQUESTS[operation]?.[name]
    if (!sendExample) throw new Error(`Add the request for this example to ${import.meta.filename}.`)
    const { status, body } = await sendExample()
    expect({ status, body: withTypes(body) }).toEqual({
      status: Number.parseInt(name, 10),
      body: withTypes(JSON.stringify(value)),
    })
  })
})
