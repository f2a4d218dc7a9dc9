import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb'
import { describe, expect, it } from 'vitest'
import { LOCAL_CREDENTIALS } from '../../dev/embedded-dynamodb.ts'
import type { Item } from '../../functions/apps/item.ts'
import { expectResponse, problem } from '../contract/expected.ts'
import { get } from '../contract/row.ts'
import { fails, has, MISBEHAVIOURS, type Misbehaviour } from '../support/misbehaving-dynamodb.ts'
import { captureOutput } from '../support/output.ts'
import { functionsOnDynamoDB } from './function-on.ts'

const output = captureOutput()
const start = functionsOnDynamoDB()
const DEMO: Item = { AppId: { S: 'demo' }, AppKey: { S: 'demo-key' }, AppSecret: { S: 'demo-secret' } }

const MINUTE_MS = 60_000
const EXPIRED = 'Signature expired: 20260101T000000Z is now earlier than 20260101T000500Z'

/** A DynamoDB whose clock is ahead of this machine's. It rejects signatures that differ by more than 5 minutes. */
const hasClock =
  (aheadMs: number, then: Misbehaviour): Misbehaviour =>
  (request, response, ...rest) => {
    const now = Date.now() + aheadMs
    response.setHeader('date', new Date(now).toUTCString())
    const signed = String(request.headers['x-amz-date'])
    const signedAt = Date.parse(signed.replace(/^(....)(..)(..T..)(..)(..Z)$/, '$1-$2-$3:$4:$5'))
    if (Math.abs(now - signedAt) <= 5 * MINUTE_MS) return then(request, response, ...rest)
    const message = signedAt < now ? EXPIRED : 'Signature not yet current: 20260101T000500Z is still later'
    fails(400, 'InvalidSignatureException', message)(request, response, ...rest)
  }

/** One request to a function whose DynamoDB misbehaves. */
const askOn = async (misbehave: Misbehaviour, name = 'FindAppById', event = 'find-by-id') => {
  const { invoke, dynamodb } = await start(misbehave, name)
  return { ...(await invoke(event)), attempts: dynamodb.attempts }
}

const CODES: Readonly<Record<keyof typeof MISBEHAVIOURS, string>> = {
  hangs: 'store-unavailable',
  resets: 'store-unavailable',
  'answers 500': 'store-unavailable',
  'throttles a table': 'store-throttled',
  'throttles an account': 'store-throttled',
  'refuses the role': 'store-misconfigured',
  'refuses the credentials': 'store-misconfigured',
  'has no such table': 'store-misconfigured',
  'has no such index': 'store-misconfigured',
  'answers HTML': 'store-unavailable',
  'answers garbage': 'store-unavailable',
  'stops half-way': 'store-unavailable',
  'stops half-way and hangs': 'store-unavailable',
}

const FAULTS = Object.keys(CODES) as (keyof typeof CODES)[]

// Faults have the same result for every function. The other functions are tested with some of them.
describe.each([
  { name: 'FindAppById', event: 'find-by-id', faults: FAULTS },
  {
    name: 'FindAppByKey',
    event: 'find-by-key',
    faults: ['resets', 'throttles a table', 'has no such index'] as const,
  },
  {
    name: 'LookupApps',
    event: 'lookup-by-id',
    faults: ['resets', 'throttles a table', 'refuses the role'] as const,
  },
])('$name, when DynamoDB', ({ name, event, faults }) => {
  it.each(faults)('%s, returns its error', async (fault) => {
    const { wire } = await askOn(MISBEHAVIOURS[fault], name, event)
    expectResponse(wire, problem(503, CODES[fault]))
    expect(output.stderr()).toBe('')
    output.expectNoSecret()
    expect(output.records()).toContainEqual(expect.objectContaining({ level: 'ERROR', code: CODES[fault] }))
  })
})

describe('a function', () => {
  it('succeeds at the attempt after a throttle or a reset', async () => {
    for (const first of [fails(400, 'ThrottlingException'), MISBEHAVIOURS.resets, MISBEHAVIOURS.hangs]) {
      const { wire, attempts } = await askOn((request, response, attempt, body) =>
        (attempt === 1 ? first : has(DEMO))(request, response, attempt, body),
      )
      expect(wire.status).toBe(200)
      expect(attempts()).toBe(2)
    }
  })

  it('signs again by the clock of DynamoDB, as the SDK does', async () => {
    for (const aheadMs of [10 * MINUTE_MS, -10 * MINUTE_MS]) {
      const { invoke, dynamodb } = await start(hasClock(aheadMs, has(DEMO)))
      expect((await invoke('find-by-id')).wire.status).toBe(200)
      expect(dynamodb.attempts()).toBe(2)
      expect((await invoke(get('/apps/other'))).wire.status).toBe(404)
      expect(dynamodb.attempts()).toBe(3)

      const sdk = new DynamoDBClient({
        endpoint: dynamodb.endpoint,
        region: 'us-east-1',
        credentials: LOCAL_CREDENTIALS,
      })
      const { Item } = await sdk.send(
        new GetItemCommand({ TableName: 'apps', Key: { AppId: { S: 'demo' } } }),
      )
      expect([Item, dynamodb.attempts()]).toEqual([DEMO, 5])
    }
  })

  it('fails if DynamoDB rejects the time of the second signature too', async () => {
    const { wire, attempts } = await askOn(fails(400, 'InvalidSignatureException', EXPIRED))
    expectResponse(wire, problem(503, 'store-misconfigured'))
    expect(attempts()).toBe(2)
  })

  it('has an attempt left for the second signature', async () => {
    const { wire, attempts } = await askOn((...parts) => {
      const [, , attempt] = parts
      const expired = fails(400, 'InvalidSignatureException', EXPIRED)
      const outcome = attempt < 3 ? MISBEHAVIOURS.resets : attempt === 3 ? expired : has(DEMO)
      outcome(...parts)
    })
    expect([wire.status, attempts()]).toEqual([200, 4])
  })

  it('responds within 2.2 s when DynamoDB hangs', async () => {
    // The time also depends on other work of the machine, so one of three requests must be fast enough.
    const times: number[] = []
    while (times.length < 3 && !times.some((ms) => ms < 2200))
      times.push((await askOn(MISBEHAVIOURS.hangs)).ms)
    expect(Math.min(...times)).toBeLessThan(2200)
  })

  it('succeeds when DynamoDB is slow but responds in time', async () => {
    const { wire } = await askOn((...parts) => void setTimeout(() => has()(...parts), 400))
    expectResponse(wire, { status: 404, members: { code: 'app-not-found', app: null } })
  })

  it('sends a request that DynamoDB rejects only once', async () => {
    const { attempts } = await askOn(MISBEHAVIOURS['refuses the role'])
    expect(attempts()).toBe(1)
  })

  it('fails at once when connections are refused', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    await new Promise((resolve) => server.close(resolve))
    const { invoke } = await start(MISBEHAVIOURS.hangs, 'FindAppById', {
      APP_MANAGER_DYNAMODB_ENDPOINT: `http://127.0.0.1:${port}`,
    })
    expectResponse((await invoke('find-by-id')).wire, problem(503, 'store-unavailable'))
  })

  it('sends its user agent to DynamoDB', async () => {
    const agents: unknown[] = []
    const { wire } = await askOn((request, ...rest) => {
      agents.push(request.headers['user-agent'])
      has()(request, ...rest)
    })
    expect(wire.status).toBe(404)
    expect(agents).toEqual(['soketi-app-lookup'])
  })

  it('makes a consistent read only if the caller requests it', async () => {
    const asked: unknown[] = []
    const { invoke } = await start((request, response, attempt, body) => {
      const { Key, ConsistentRead } = JSON.parse(body)
      asked.push([Key.AppId.S, ConsistentRead])
      has()(request, response, attempt, body)
    }, 'LookupApps')
    for (const event of [
      'lookup-by-id',
      'lookup-consistent-by-id',
      'lookup-by-id',
      'lookup-consistent-by-id',
    ])
      await invoke(event)
    // The third is answered from the cache.
    expect(asked).toEqual([
      ['demo', undefined],
      ['demo', true],
      ['demo', true],
    ])
  })

  it('does not cache a failure: the next request succeeds', async () => {
    let down = true
    const { invoke } = await start((...parts) => (down ? MISBEHAVIOURS['answers 500'] : has())(...parts))
    expect((await invoke('find-by-id')).wire.status).toBe(503)
    down = false
    expect((await invoke('find-by-id')).wire.status).toBe(404)
  })

  it('starts within a second, without a log line, when DynamoDB hangs during priming', async () => {
    const startedAt = performance.now()
    const { dynamodb } = await start(MISBEHAVIOURS.hangs, 'FindAppById', { PRIME: 'on' })
    expect(performance.now() - startedAt).toBeLessThan(1500)
    expect(dynamodb.attempts()).toBe(1)
    expect(output.stdout() + output.stderr()).toBe('')
  })

  it('handles a batch within one deadline, each entry independently', async () => {
    const { wire, ms } = await askOn(MISBEHAVIOURS.hangs, 'LookupApps', 'lookup-batch')
    expect(wire.status).toBe(200)
    const statuses = JSON.parse(wire.body).results.map((result: { status: number }) => result.status)
    expect(statuses).toEqual([503, 400, 503, 503, 503, 400, 503, 503, 503, 400, 503])
    // There is one deadline for all, not one for each ten.
    expect(ms).toBeLessThan(3900)
  })
})
