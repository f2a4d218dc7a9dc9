import { describe, expect, it } from 'vitest'
import { apiLogLine, metricsOf } from './log-filters.ts'

describe("a line of the API's log", () => {
  it.each([
    ['an answer', { status: '200', consumer: 'soketi' }, []],
    ['a request beyond the rate', { status: '429', consumer: 'soketi' }, ['ApiThrottled']],
    ['a request beyond the rate without a token', { status: '429', consumer: '-' }, ['ApiThrottled']],
    ['a token that is not valid', { status: '403', consumer: '-' }, ['DeniedRequests']],
    ['a token whose scope is too narrow', { status: '403', consumer: 'status' }, []],
    ['no token', { status: '401', consumer: '-' }, []],
    ['a poll of the change feed', { status: '200', consumer: 'soketi', route: 'GET /changes' }, ['Polled']],
    ['a poll that failed', { status: '503', consumer: 'soketi', route: 'GET /changes' }, []],
    ['a failure', { status: '503', consumer: 'soketi' }, []],
  ])('of %s counts as it should', (_title, fields, expected) => {
    expect(metricsOf(apiLogLine(fields)).map(({ name }) => name)).toEqual(expected)
  })

  it("is counted under the stack's name", () => {
    const [metric] = metricsOf(apiLogLine({ status: '429', service: 'chat' }))
    expect(metric).toMatchObject({ namespace: 'soketi-app-lookup', dimensions: { service: 'chat' } })
  })
})
