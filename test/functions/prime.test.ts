import { afterEach, describe, expect, it } from 'vitest'
import { LOCAL_CREDENTIALS } from '../../dev/embedded-dynamodb.ts'
import { readConfig } from '../../functions/config.ts'
import { NO_APPS, prime } from '../../functions/prime.ts'
import { eventOf } from '../contract/event.ts'
import { rowOf } from '../contract/rows.ts'
import { CONTEXT, loadHandler } from '../support/load-handler.ts'
import { has, type MisbehavingDynamoDB, startMisbehavingDynamoDB } from '../support/misbehaving-dynamodb.ts'
import { captureOutput } from '../support/output.ts'

const output = captureOutput()

let dynamodb: MisbehavingDynamoDB
afterEach(() => dynamodb.close())

const msSinceStart = () => 1000 * process.uptime()

/** Loads a function with a DynamoDB without apps that records its requests. */
async function load(name: string, variables = {}) {
  const requests: { operation: string | undefined; body: string; atMs: number }[] = []
  dynamodb = await startMisbehavingDynamoDB((request, response, attempt, body) => {
    requests.push({
      operation: String(request.headers['x-amz-target']).split('.')[1],
      body,
      atMs: msSinceStart(),
    })
    has()(request, response, attempt, body)
  })
  const handler = await loadHandler(name, {
    APP_MANAGER_DYNAMODB_ENDPOINT: dynamodb.endpoint,
    AWS_ACCESS_KEY_ID: LOCAL_CREDENTIALS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: LOCAL_CREDENTIALS.secretAccessKey,
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    PRIME: 'on',
    ...variables,
  })
  return { handler, requests }
}

describe('a function that starts', () => {
  it.each([
    ['FindAppById', ['GetItem', 'GetItem']],
    ['FindAppByKey', ['Query', 'Query']],
    ['LookupApps', ['GetItem', 'Query']],
  ])('%s has read apps that no table has, as its role allows', async (name, operations) => {
    const { requests } = await load(name)
    expect(requests.map(({ operation }) => operation)).toEqual(operations)
    for (const [index, { body }] of requests.entries()) expect(body).toContain(`"S":"${NO_APPS[index]}"`)
  })

  it('has read nothing when PRIME is off', async () => {
    expect((await load('FindAppById', { PRIME: 'off' })).requests).toEqual([])
  })

  it.each([
    ['FindAppById', 'find-by-id'],
    ['FindAppByKey', 'find-by-key'],
    ['LookupApps', 'lookup-by-id'],
  ])('%s reports the time from the start of the process until it was primed', async (name, event) => {
    const { handler, requests } = await load(name)
    const loadedAt = msSinceStart()
    const primedAt = requests.at(-1)?.atMs ?? Number.NaN
    await handler(eventOf(rowOf(event)), CONTEXT)
    const { StartMs } = Object.assign({}, ...output.records())
    expect(StartMs).toBeGreaterThanOrEqual(Math.floor(primedAt))
    expect(StartMs).toBeLessThanOrEqual(Math.ceil(loadedAt))
  })

  it('starts no read that has no time left', async () => {
    const started: object[] = []
    const slowRoute = () => async (event: object) => {
      started.push(event)
      await new Promise((resolve) => setTimeout(resolve, 400))
    }
    await prime(slowRoute, readConfig({ PRIME: 'on', AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand' }), [
      { first: true },
      { second: true },
    ])
    expect(started).toEqual([{ first: true }])
  })

  it('writes nothing during init, and counts its first request as a cold start', async () => {
    const { handler, requests } = await load('FindAppById')
    expect(output.stdout() + output.stderr()).toBe('')

    expect(await handler(eventOf(rowOf('find-by-id')), CONTEXT)).toMatchObject({ statusCode: 404 })
    expect(requests).toHaveLength(3)
    expect(Object.assign({}, ...output.records())).toMatchObject({
      ColdStart: 1,
      NotFound: [1],
      DynamoDBTime: [expect.any(Number)],
    })
  })
})
