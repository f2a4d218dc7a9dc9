import { Logger } from '@aws-lambda-powertools/logger'
import { Metrics } from '@aws-lambda-powertools/metrics'
import type { Context } from 'aws-lambda'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { readConfig } from '../../functions/config.ts'
import { LookupError } from '../../functions/lookup-error.ts'
import { createLog } from '../../functions/telemetry/log.ts'
import { createMetrics } from '../../functions/telemetry/metrics.ts'
import { createTelemetry } from '../../functions/telemetry/telemetry.ts'
import { eventOf } from '../contract/event.ts'
import { ROWS } from '../contract/rows.ts'
import { TOKENS } from '../support/canary.ts'
import { CONTEXT } from '../support/load-handler.ts'
import { captureOutput } from '../support/output.ts'

const config = readConfig({})
const context = CONTEXT as Context
const event = eventOf(ROWS[0] ?? ({} as never)) as never
const output = captureOutput()

type Line = {
  readonly _aws: {
    readonly CloudWatchMetrics: readonly [{ readonly Dimensions: string[][]; readonly Metrics: object[] }]
  }
}

describe('a log line', () => {
  it("has the fields of Powertools' Logger, of the same types", () => {
    const logger = new Logger({ serviceName: config.serviceName })
    logger.addContext(context)
    logger.setCorrelationId('JKJaXmPLvHcESHA=')
    logger.error('message', { code: 'internal' })
    createLog(config)('ERROR', 'message', { code: 'internal' }, { event, context })
    const theirs = JSON.parse(output.stderr())
    const [ours] = output.records()
    // Fields that only the library uses, and the time.
    const { cold_start, sampling_rate, timestamp, ...comparable } = theirs
    expect(ours).toMatchObject(comparable)
    expect(ours?.timestamp).toEqual(expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/))
  })

  it('cuts long text, which can be an id from the table', () => {
    createLog(config)('ERROR', 'message', { appId: 'x'.repeat(2048) })
    expect(String(output.records()[0]?.appId)).toHaveLength(129)
  })
})

describe('a metric line', () => {
  beforeEach(() => vi.useFakeTimers({ toFake: ['Date'] }))
  afterEach(() => {
    vi.useRealTimers()
    vi.unstubAllEnvs()
  })

  it("equals that of Powertools' Metrics, with one more set of dimensions", () => {
    const powertools = new Metrics({ namespace: config.metricsNamespace, serviceName: config.serviceName })
    powertools.addDimension('consumer', 'backend')
    powertools.addMetric('Found', 'Count', 1)
    powertools.addMetric('DynamoDBTime', 'Milliseconds', 4.2)
    powertools.publishStoredMetrics()
    const metrics = createMetrics(config)
    metrics.count('backend', 'Found')
    metrics.time('backend', 'DynamoDBTime', 4.2)
    metrics.endRequest()
    const [theirs, ours] = output.records() as [Line, Line]
    theirs._aws.CloudWatchMetrics[0].Dimensions.unshift(['service'])
    expect(ours).toEqual({ ...theirs, Found: [1], DynamoDBTime: [4.2], memoryMB: expect.any(Number) })
  })

  it("of a cold start equals that of Powertools' Metrics with the time of init, and is written once", () => {
    vi.stubEnv('AWS_LAMBDA_INITIALIZATION_TYPE', 'on-demand')
    const powertools = new Metrics({
      namespace: config.metricsNamespace,
      defaultDimensions: { service: config.serviceName },
    })
    powertools.captureColdStartMetric(context.functionName)
    const metrics = createMetrics(readConfig())
    metrics.countColdStart(context.functionName)
    metrics.countColdStart(context.functionName)
    const [theirs, ours, ...others] = output.records() as [Line, ...Line[]]
    theirs._aws.CloudWatchMetrics[0].Metrics.push({ Name: 'StartMs', Unit: 'Milliseconds' })
    expect(ours).toEqual({ ...theirs, StartMs: expect.any(Number), memoryMB: expect.any(Number) })
    expect(others).toEqual([])
  })

  it('has the most memory that the process has used so far', () => {
    const metrics = createMetrics(config)
    metrics.count('backend', 'NotFound')
    metrics.endRequest()
    const [{ memoryMB } = {}] = output.records()
    expect(memoryMB).toBeGreaterThan(30)
    expect(memoryMB).toBeLessThanOrEqual(process.resourceUsage().maxRSS / 1024 + 1)
  })

  it('has times to a tenth of a millisecond', () => {
    const metrics = createMetrics(config)
    metrics.time('backend', 'DynamoDBTime', 4.2387)
    metrics.endRequest()
    expect(output.records()).toEqual([expect.objectContaining({ DynamoDBTime: [4.2] })])
  })

  it('of a cold start is not written with provisioned concurrency', () => {
    vi.stubEnv('AWS_LAMBDA_INITIALIZATION_TYPE', 'provisioned-concurrency')
    createMetrics(readConfig()).countColdStart(context.functionName)
    expect(output.stdout()).toBe('')
  })

  it('for cache hits only is written after 10 s', () => {
    const metrics = createMetrics(config)
    const hit = () => {
      metrics.count('backend', 'CacheHit', { canWait: true })
      metrics.endRequest()
    }
    hit()
    vi.advanceTimersByTime(9999)
    hit()
    expect(output.stdout()).toBe('')
    vi.advanceTimersByTime(1)
    hit()
    expect(output.records()).toEqual([expect.objectContaining({ consumer: 'backend', CacheHit: [3] })])
  })

  it('for reads is written at once, but no more than once a second', () => {
    const metrics = createMetrics(config)
    const read = () => {
      metrics.count('backend', 'Found', { canWait: true })
      metrics.time('backend', 'DynamoDBTime', 4.2)
      metrics.endRequest()
    }
    read()
    expect(output.records()).toHaveLength(1)
    read()
    vi.advanceTimersByTime(999)
    read()
    expect(output.records()).toHaveLength(1)
    vi.advanceTimersByTime(1)
    read()
    expect(output.records()[1]).toMatchObject({ Found: [3], DynamoDBTime: [4.2, 4.2, 4.2] })
    metrics.count('backend', 'StoreThrottled')
    metrics.endRequest()
    expect(output.records()[2]).toMatchObject({ StoreThrottled: [1] })
  })

  it('is written for each consumer', () => {
    const metrics = createMetrics(config)
    metrics.count('backend', 'CacheHit', { canWait: true })
    metrics.count('dashboard', 'NotFound')
    metrics.endRequest()
    expect(output.records().map(({ consumer }) => consumer)).toEqual(['backend', 'dashboard'])
    metrics.endRequest()
    expect(output.records()).toHaveLength(2)
  })

  it('has no more values than CloudWatch accepts, and another line has the rest', () => {
    const metrics = createMetrics(config)
    for (let n = 0; n < 150; n++) metrics.time('backend', 'DynamoDBTime', n)
    vi.advanceTimersByTime(1000)
    metrics.endRequest()
    expect(output.records().map(({ DynamoDBTime }) => (DynamoDBTime as number[]).length)).toEqual([100, 50])
  })
})

describe('a failure', () => {
  const request = { event, context }
  const report = (error: unknown) => createTelemetry(config).report(error, request)

  it('with a code is logged with its code and log fields only', () => {
    const logFields = { attribute: 'AppSecret', appId: 'demo' }
    expect(report(new LookupError('app-malformed', 'It is not.', { logFields })).code).toBe('app-malformed')
    expect(output.records()).toEqual([
      expect.objectContaining({
        level: 'ERROR',
        message: 'It is not.',
        code: 'app-malformed',
        consumer: 'backend',
        ...logFields,
      }),
    ])
  })

  it('of the caller is counted, not logged', () => {
    const telemetry = createTelemetry(config)
    telemetry.report(new LookupError('invalid-request', 'Wrong.'), request)
    telemetry.endRequest()
    expect(output.records()).toEqual([expect.objectContaining({ InvalidRequest: [1] })])
  })

  it('of an unexpected kind is internal: the caller gets a fixed text, the log gets its name and stack, and nobody gets its message', () => {
    const failure = report(new TypeError(`something about ${TOKENS.full}`))
    expect(failure).toMatchObject({ code: 'internal', message: expect.not.stringContaining('something') })
    expect(output.records()).toEqual([
      expect.objectContaining({
        code: 'internal',
        error: { name: 'TypeError', stack: expect.stringContaining('telemetry.test.ts') },
      }),
    ])
    output.expectNoSecret()
    expect(report('a string').code).toBe('internal')
  })
})
