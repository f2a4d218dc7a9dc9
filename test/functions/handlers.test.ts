import { readdirSync, readFileSync } from 'node:fs'
import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { eventOf, routeOf } from '../contract/event.ts'
import { expectResponse } from '../contract/expected.ts'
import { get, post, ROTATED, type Row } from '../contract/row.ts'
import { ROWS } from '../contract/rows.ts'
import { RECORD_EVENTS } from '../feed/record-events.ts'
import type { WireResponse } from '../support/http.ts'
import { CONTEXT, type Handler, loadHandler } from '../support/load-handler.ts'
import { captureOutput } from '../support/output.ts'
import { startDynamoDB, type TestDynamoDB } from '../support/test-dynamodb.ts'

const EVENTS = new URL('../../events/', import.meta.url)
const rows = ROWS.filter((row) => 'answer' in row)
const output = captureOutput()
const handlers = new Map<string, Handler>()
let dynamodb: TestDynamoDB

beforeAll(async () => {
  dynamodb = await startDynamoDB()
  for (const name of ['FindAppById', 'FindAppByKey', 'LookupApps', 'FindChanges'])
    handlers.set(name, await loadHandler(name, dynamodb.environment))
})
afterAll(() => dynamodb.close())

async function invoke(row: Row, event: unknown): Promise<WireResponse> {
  const answer = await handlers.get(routeOf(row).functionName)?.(event, CONTEXT)
  const { statusCode = 0, headers = {}, body = '' } = answer as APIGatewayProxyStructuredResultV2
  return { status: statusCode, headers: headers as Record<string, string>, body }
}

describe('the contract, on the handlers', () => {
  it.each(rows)('$title: $method $path', async (row) => {
    expectResponse(await invoke(row, eventOf(row)), row.answer)
    output.expectNoSecret()
  })
})

describe("a function's cache", () => {
  afterEach(() => vi.useRealTimers())

  it.each([
    get('/apps/rotated'),
    get('/apps/by-key/rotated-key'),
    post({ id: 'rotated' }),
    post({ apps: [{ id: 'rotated' }] }),
  ])('has no previous secret beyond its end: $method $path', async (request) => {
    vi.useFakeTimers({ toFake: ['Date'] })
    const row = request as Row
    const bodyAt = async (seconds: number) => {
      vi.setSystemTime(1000 * seconds)
      return (await invoke(row, eventOf(row))).body
    }
    const { previousSecretUntil = 0 } = ROTATED
    expect(await bodyAt(previousSecretUntil - 5)).toContain('rotated-previous-secret')
    expect(await bodyAt(previousSecretUntil)).not.toContain('revious')
    output.expectNoSecret()
  })
})

describe('events/', () => {
  const named = rows.filter((row) => row.event !== undefined)

  it.each(named)('$title, events/$event', async (row) => {
    const event = JSON.parse(readFileSync(new URL(`${row.event}.json`, EVENTS), 'utf8'))
    expect(event).toEqual(eventOf(row))
    expectResponse(await invoke(row, event), row.answer)
  })

  it('has no file that no test uses', () => {
    const files = readdirSync(EVENTS).filter((file) => !file.startsWith('authorize-'))
    // Responses that depend on the log of a test are not in the contract.
    const used = [...[...named, ...RECORD_EVENTS].map(({ event }) => event), 'changes-since']
    expect(files.sort()).toEqual(used.map((event) => `${event}.json`).sort())
  })
})
