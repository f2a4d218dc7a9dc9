import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda'
import { afterEach, beforeEach, expect, vi } from 'vitest'
import type { Entry } from '../../functions/feed/change-entry.ts'
import { eventOf } from '../contract/event.ts'
import { problem } from '../contract/expected.ts'
import { get } from '../contract/row.ts'
import type { WireResponse } from '../support/http.ts'
import { CONTEXT, type Handler, loadHandler } from '../support/load-handler.ts'
import { captureOutput } from '../support/output.ts'
import { EPOCH, startLog, type TestLog } from './test-log.ts'

/** Gives each test of the file its own log to poll. `Date.now()` does not advance during a test. */
export function usePolls() {
  const output = captureOutput()
  let log: TestLog
  let handler: Handler
  beforeEach(() => vi.useFakeTimers({ toFake: ['Date'] }))
  afterEach(async () => {
    vi.useRealTimers()
    await log.close()
    output.expectNoSecret()
  })

  /** Starts the log with these entries, and the function on it. */
  async function load(entries: readonly Entry[], variables = {}): Promise<TestLog> {
    log = await startLog(entries)
    handler = await loadHandler('FindChanges', { ...log.environment, PRIME: 'off', ...variables })
    return log
  }

  async function invoke(event: unknown): Promise<WireResponse> {
    const {
      statusCode = 0,
      headers = {},
      body = '',
    } = (await handler(event, CONTEXT)) as APIGatewayProxyStructuredResultV2
    return { status: statusCode, headers: headers as Record<string, string>, body }
  }

  const poll = (since?: string) =>
    invoke(
      eventOf({
        title: '',
        ...get(since === undefined ? '/changes' : `/changes?since=${since}`),
        answer: { status: 0 },
      }),
    )
  const page = async (since?: string) => {
    const answer = await poll(since)
    expect(answer).toMatchObject({ status: 200, headers: { 'cache-control': 'no-store' } })
    return JSON.parse(answer.body)
  }

  return { output, load, invoke, poll, page }
}

/** Advances the clock by the second for which a page is cached. */
export const later = () => vi.advanceTimersByTime(1000)

/** The cursor of an entry. */
export const at = (seq: number, epoch = EPOCH) => `${epoch}.${seq}`

/** Hints of these ids, with a key each. */
export const hints = (...ids: string[]) => ids.map((id) => ({ id, keys: ['AAAAAAAAAAA'] }))
export const many = (count: number, prefix: string) =>
  hints(...Array.from({ length: count }, (_, index) => `${prefix}-${index}`))
export const expired = problem(410, 'cursor-expired')
