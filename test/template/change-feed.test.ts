import { describe, expect, it } from 'vitest'
import { heartbeatOf, readStack } from '../../dev/stack.ts'
import { heartbeatIdOf, isHeartbeat } from '../../functions/apps/heartbeat.ts'
import { decodeItem } from '../../functions/apps/item.ts'
import { resolve } from './resolved.ts'

const KEY = 'mrk-1234567890abcdef1234567890abcdef'
const STREAM = 'arn:aws:dynamodb:us-east-1:123456789012:table/apps/stream/2026-11-22T12:00:00.000'
const EXISTING = { TableOwnership: 'existing', TableStreamArn: STREAM, ExistingTableHeartbeat: 'on' }
const propertiesOf = (name: string, parameters = {}) => resolve(parameters).get(name)?.Properties
const streamOf = (parameters = {}) => {
  const events = propertiesOf('RecordChanges', parameters)?.Events as Record<string, { Properties: object }>
  return events.TableStream?.Properties
}

describe('the change feed', () => {
  const PARTS = [
    ...[
      'ChangeLog',
      'RecordChanges',
      'RecordChangesRole',
      'RecordChangesLogGroup',
      'Heartbeat',
      'HeartbeatRole',
    ],
    ...['ChangesDelayedAlarm', 'ChangesFailingAlarm', 'HeartbeatMissingAlarm'],
  ]

  it.each<[string, Record<string, string>]>([
    ['the table is made by the stack', {}],
    ['an existing table has a stream and may have the heartbeat', EXISTING],
  ])('exists when %s', (_when, parameters) => {
    const resources = resolve(parameters)
    expect(PARTS.filter((name) => !resources.has(name))).toEqual([])
    expect(propertiesOf('FindChanges', parameters)).toMatchObject({
      Environment: { Variables: { CHANGE_LOG_TABLE: 'local-changes' } },
    })
  })

  it.each<[string, Record<string, string>]>([
    ['it is switched off', { ChangeFeed: 'off' }],
    ['it is switched off for an existing table', { ...EXISTING, ChangeFeed: 'off' }],
    ['an existing table has no stream', { TableOwnership: 'existing' }],
    ['the table is in another region', { ...EXISTING, TableRegion: 'eu-west-1' }],
  ])('does not exist when %s, and its route returns feed-unavailable', (_when, parameters) => {
    const resources = resolve(parameters)
    expect(PARTS.filter((name) => resources.has(name))).toEqual([])
    expect(propertiesOf('FindChanges', parameters)).toMatchObject({
      Environment: { Variables: { CHANGE_LOG_TABLE: '' } },
    })
  })
})

describe('the change log', () => {
  it('is a separate table: in one order, with a TTL, deleted with the stack', () => {
    expect(propertiesOf('ChangeLog')).toEqual({
      TableName: 'local-changes',
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [
        { AttributeName: 'feed', AttributeType: 'S' },
        { AttributeName: 'seq', AttributeType: 'N' },
      ],
      KeySchema: [
        { AttributeName: 'feed', KeyType: 'HASH' },
        { AttributeName: 'seq', KeyType: 'RANGE' },
      ],
      TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true },
    })
  })

  it("is encrypted like the table of apps: with the customer's key if there is one", () => {
    expect(propertiesOf('ChangeLog', { TableKmsKeyId: KEY })?.SSESpecification).toEqual({
      SSEEnabled: true,
      SSEType: 'KMS',
      KMSMasterKeyId: KEY,
    })
  })
})

describe('the mapping', () => {
  it('passes on every record of the stream in order, and repeats a batch until it succeeds', () => {
    expect(streamOf()).toEqual({
      Stream: 'AppsTable.StreamArn',
      StartingPosition: 'TRIM_HORIZON',
      BatchSize: 1000,
      MaximumBatchingWindowInSeconds: 0,
      ParallelizationFactor: 1,
      MaximumRetryAttempts: -1,
      MaximumRecordAgeInSeconds: -1,
    })
  })

  it("reads the stream of an existing table, and never another table's", () => {
    expect(streamOf(EXISTING)).toMatchObject({ Stream: STREAM })
    const other = { ...EXISTING, TableStreamArn: STREAM.replace('/apps/', '/orders/') }
    expect(streamOf(other)).toMatchObject({ Stream: STREAM })
  })
})

describe('the heartbeat', () => {
  it('is written once a minute by a schedule that calls DynamoDB directly', () => {
    expect(propertiesOf('Heartbeat')).toMatchObject({
      ScheduleExpression: 'rate(1 minute)',
      FlexibleTimeWindow: { Mode: 'OFF' },
      Target: { Arn: 'arn:aws:scheduler:::aws-sdk:dynamodb:putItem', RoleArn: 'HeartbeatRole.Arn' },
    })
  })

  it("is a complete, disabled app for other readers of the table, with the stack's region in its id, and different each time", () => {
    const { feed } = readStack({ 'AWS::Region': 'eu-west-1', TableName: 'chat', ConfirmTableName: 'chat' })
    const [first, second] = ['1', '2'].map(
      (id) => feed && heartbeatOf(feed, id, new Date('2026-11-22T12:00:00.000Z')),
    )
    expect(first).toMatchObject({ TableName: 'chat' })
    expect(isHeartbeat(heartbeatIdOf('eu-west-1'))).toBe(true)
    expect(decodeItem(first?.Item ?? {})).toEqual({
      id: heartbeatIdOf('eu-west-1'),
      key: heartbeatIdOf('eu-west-1'),
      secret: '1',
      enabled: false,
    })
    expect(first?.Item?.ScheduledTime).toEqual({ S: '2026-11-22T12:00:00Z' })
    expect(second).not.toEqual(first)
  })
})

describe('polls', () => {
  it('have their own throttle, so that they succeed while lookups are throttled', () => {
    const settings = (parameters = {}) => propertiesOf('Api', parameters)?.RouteSettings
    expect(settings({ ThrottleRate: '1', ThrottleBurst: '1' })).toEqual({
      'GET /changes': { ThrottlingRateLimit: '500', ThrottlingBurstLimit: '250' },
    })
    expect(settings({ PollThrottleRate: '7', PollThrottleBurst: '3' })).toEqual({
      'GET /changes': { ThrottlingRateLimit: '7', ThrottlingBurstLimit: '3' },
    })
  })
})
