import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { eventOf } from '../contract/event.ts'
import { rowOf } from '../contract/rows.ts'
import { CONTEXT, type Handler, loadHandler } from '../support/load-handler.ts'
import { captureOutput } from '../support/output.ts'
import { startDynamoDB, type TestDynamoDB } from '../support/test-dynamodb.ts'

const output = captureOutput()
let dynamodb: TestDynamoDB
beforeAll(async () => {
  dynamodb = await startDynamoDB()
})
afterAll(() => dynamodb.close())

// The second can't be converted to text, which finds code that expects a text.
const json = fc.oneof(fc.jsonValue(), fc.constant({ toString: null }))
/** An event of API Gateway with some members replaced. */
const bent = (event: object): fc.Arbitrary<unknown> => {
  const wrong = Object.fromEntries(Object.keys(event).map((name) => [name, json]))
  const nested = fc.record({
    requestContext: fc.record({ authorizer: fc.oneof(json, fc.record({ lambda: json })), requestId: json }),
  })
  const headers = fc.record({
    headers: fc.record({ 'content-type': json, 'if-none-match': json, authorization: json }),
  })
  return fc
    .oneof(fc.record(wrong, { requiredKeys: [] }), nested, headers)
    .map((members) => ({ ...event, ...(members as object) }))
}

describe.each([
  ['FindAppById', 'find-by-id', [400, 404, 200, 304]],
  ['FindAppByKey', 'find-by-key', [400, 404, 200, 304]],
  ['LookupApps', 'lookup-by-id', [400, 413, 415, 404, 200]],
  ['FindChanges', 'changes-start', [400, 403, 410, 200]],
] as const)('%s', (name, event, statuses) => {
  let handler: Handler
  beforeAll(async () => {
    handler = await loadHandler(name, dynamodb.environment)
  })

  it('responds to any invalid event, never with an internal error', async () => {
    const sound = eventOf(rowOf(event))
    const mistakes = fc.oneof(json, fc.constantFrom(null, undefined, {}), bent(sound))
    await fc.assert(
      fc.asyncProperty(mistakes, async (mistake) => {
        expect(statuses).toContain(((await handler(mistake, CONTEXT)) as { statusCode: number }).statusCode)
      }),
      { numRuns: 500 },
    )
    expect(output.stdout()).not.toContain('internal')
  })
})

describe('LookupApps', () => {
  it.each([null, undefined, 7, {}, []])('responds 400 to the body %j', async (body) => {
    const handler = await loadHandler('LookupApps', dynamodb.environment)
    const event = { ...eventOf(rowOf('lookup-by-id')), body }
    expect(await handler(event, CONTEXT)).toMatchObject({ statusCode: 400 })
  })
})

describe('Authorize', () => {
  it('denies any invalid event', async () => {
    const handler = await loadHandler('Authorize', {})
    const event = fc.oneof(
      json,
      fc.constantFrom(null, undefined, { identitySource: [{ toString: null }] }),
      fc.record({ identitySource: fc.oneof(json, fc.array(json)) }),
    )
    await fc.assert(
      fc.asyncProperty(event, async (mistake) => {
        expect(await handler(mistake, CONTEXT)).toEqual({ isAuthorized: false })
      }),
      { numRuns: 500 },
    )
  })
})
