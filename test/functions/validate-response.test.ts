import { crc32 as zlibCrc32 } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { crc32 } from '../../functions/dynamodb/crc32.ts'
import { expectResponse, problem } from '../contract/expected.ts'
import { post } from '../contract/row.ts'
import { answer, fails, has, type Misbehaviour } from '../support/misbehaving-dynamodb.ts'
import { captureOutput } from '../support/output.ts'
import { PATIENCE } from '../support/test-dynamodb.ts'
import { functionsOnDynamoDB } from './function-on.ts'

const output = captureOutput()
const startFunction = functionsOnDynamoDB()
/** A busy machine can take longer for an answer than a function waits for it. */
const start = (misbehave: Misbehaviour, name?: string) => startFunction(misbehave, name, PATIENCE)

const item = (id: string, key = `${id}-key`) => ({
  AppId: { S: id },
  AppKey: { S: key },
  AppSecret: { S: `${id}-secret` },
})
const says =
  (status: number, body: object | string | null, headers = {}): Misbehaviour =>
  (_request, response) =>
    answer(response, status, body, headers)
const KEY = { AppId: { S: 'demo' }, AppKey: { S: 'demo-key' } }

/** Responses with a success status that are not from DynamoDB. */
const UNPROVEN: Readonly<Record<string, Misbehaviour>> = {
  'an empty body': says(200, ''),
  '204': (_request, response) => response.writeHead(204, { 'x-amzn-requestid': 'TEST' }).end(),
  '201 with an empty object': says(201, {}),
  null: says(200, null),
  'a list': says(200, []),
  'a string': says(200, '"ok"'),
  'an HTML page': says(200, '<h1>Welcome</h1>', { 'content-type': 'text/html' }),
  "a gateway's message": says(200, { message: 'OK' }),
  'an error with status 200': says(200, { __type: 'com.amazon.coral.service#InternalServerError' }),
  'an item that is null': says(200, { Item: null, Items: [null], Count: 1 }),
  'an item that is a list': says(200, { Item: [], Items: [[]], Count: 1 }),
  'another item': says(200, { Item: item('other'), Items: [item('other')], Count: 1 }),
  'the item without a request id': says(
    200,
    { Item: item('demo'), Items: [item('demo')], Count: 1 },
    { 'x-amzn-requestid': undefined },
  ),
  'nothing without a request id': says(200, { Items: [], Count: 0 }, { 'x-amzn-requestid': undefined }),
  'the item with a wrong checksum': says(
    200,
    { Item: item('demo'), Items: [item('demo')], Count: 1 },
    { 'x-amz-crc32': '1' },
  ),
}

/** The same, to a Query by key. */
const UNPROVEN_BY_KEY: typeof UNPROVEN = {
  'no Items': says(200, {}),
  'Items that are no list': says(200, { Items: {} }),
  'no Items, and a LastEvaluatedKey': says(200, { Items: [], Count: 0, LastEvaluatedKey: KEY }),
  'one item, and a LastEvaluatedKey': says(200, { Items: [item('demo')], Count: 1, LastEvaluatedKey: KEY }),
  'no Items, and no Count': says(200, { Items: [] }),
  "no Items, and a gateway's message": says(200, { Items: [], Count: 0, message: 'OK' }),
  'no Items, and a Count of one': says(200, { Items: [], Count: 1 }),
  'one item, and a Count of two': says(200, { Items: [item('demo')], Count: 2 }),
  'one item of the key and one of another': says(200, { Items: [item('demo'), item('other')], Count: 2 }),
}

const unavailable = problem(503, 'store-unavailable')
const logged = () => output.records().filter(({ level }) => level === 'ERROR')

describe('a response that DynamoDB may not have sent', () => {
  it.each(Object.entries(UNPROVEN))('by id: %s', async (_what, misbehave) => {
    const { invoke } = await start(misbehave)
    expectResponse((await invoke('find-by-id')).wire, unavailable)
    expect(logged()).toEqual([
      expect.objectContaining({ code: 'store-unavailable', reason: expect.any(String) }),
    ])
    output.expectNoSecret()
  })

  it.each(Object.entries({ ...UNPROVEN, ...UNPROVEN_BY_KEY }))('by key: %s', async (_what, misbehave) => {
    const { invoke } = await start(misbehave, 'FindAppByKey')
    expectResponse((await invoke('find-by-key')).wire, unavailable)
    output.expectNoSecret()
  })

  it.each(Object.entries(UNPROVEN))('in a consistent batch: %s', async (_what, misbehave) => {
    const { invoke } = await start(misbehave, 'LookupApps')
    const { wire } = await invoke(post({ apps: [{ id: 'demo' }], consistent: true }))
    expect(JSON.parse(wire.body)).toEqual({
      results: [expect.objectContaining({ status: 503, code: 'store-unavailable' })],
    })
  })

  it('is rejected, and the request is sent again', async () => {
    const well = has(item('demo'))
    const { invoke, dynamodb } = await start((request, response, attempt, body) =>
      attempt < 3
        ? says(200, { message: 'OK' })(request, response, attempt, body)
        : well(request, response, attempt, body),
    )
    expect((await invoke('find-by-id')).wire.status).toBe(200)
    expect(dynamodb.attempts()).toBe(3)
  })
})

describe('a response of DynamoDB', () => {
  it('needs no checksum', async () => {
    const { invoke } = await start(says(200, { Item: item('demo') }, { 'x-amz-crc32': undefined }))
    expect((await invoke('find-by-id')).wire.status).toBe(200)
  })

  it('without an app is an empty object or an empty list', async () => {
    for (const [name, event] of [
      ['FindAppById', 'find-by-id'],
      ['FindAppByKey', 'find-by-key'],
    ] as const) {
      const { invoke } = await start(has(), name)
      expectResponse((await invoke(event)).wire, {
        status: 404,
        members: { code: 'app-not-found', app: null },
      })
    }
  })

  it('may have more than two items', async () => {
    const Items = [item('demo'), item('twin', 'demo-key')]
    const { invoke } = await start(says(200, { Items, Count: 2, LastEvaluatedKey: KEY }), 'FindAppByKey')
    expectResponse((await invoke('find-by-key')).wire, problem(500, 'app-key-not-unique'))
  })

  it('may be an error, which is reported as before', async () => {
    const { invoke } = await start(fails(400, 'ResourceNotFoundException'))
    expectResponse((await invoke('find-by-id')).wire, problem(503, 'store-misconfigured'))
  })
})

describe('crc32', () => {
  it('equals that of zlib', () => {
    fc.assert(fc.property(fc.uint8Array(), (bytes) => crc32(bytes) === zlibCrc32(bytes)))
  })
})
