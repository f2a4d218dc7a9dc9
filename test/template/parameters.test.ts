import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hashToken, MAX_CONSUMERS, parseConsumers } from '../../functions/access/consumers.ts'
import { RULES, refusedBy } from './refused.ts'
import { resolve } from './resolved.ts'

const DOMAIN = {
  DomainName: 'lookup.example.com',
  CertificateId: '01234567-89ab-cdef-0123-456789abcdef',
}
const entry = (consumer: string, scope = 'full') => `${consumer}:${scope}:${hashToken(consumer)}`
const entries = (count: number) => Array.from({ length: count }, (_, index) => entry(`c${index}`)).join(',')

const STREAM = 'arn:aws:dynamodb:us-east-1:123456789012:table/apps/stream/2026-11-22T12:00:00.000'
const FEED_OF_EXISTING = {
  TableOwnership: 'existing',
  TableStreamArn: STREAM,
  ExistingTableHeartbeat: 'on',
}

/** For each constraint and each rule: values that are rejected, and similar ones that are not. */
const CASES: Readonly<
  Record<string, { refused: readonly Record<string, string>[]; taken: readonly Record<string, string>[] }>
> = {
  Consumers: {
    refused: [
      { Consumers: 'sal_m734KfwHdHBnn2h2sRxu31swyrFkKC_YcBd9tVX0QXQ' },
      { Consumers: `${entry('soketi')},` },
      { Consumers: entry('soketi', 'admin') },
      { Consumers: `${entry('soketi')}=` },
      { Consumers: entries(MAX_CONSUMERS + 1) },
    ],
    taken: [
      {},
      { Consumers: ' ' },
      { Consumers: entry('soketi') },
      { Consumers: ` ${entry('soketi')} , ${entry('status', 'public')}\n` },
      { Consumers: entries(MAX_CONSUMERS) },
    ],
  },
  ReplicaRegions: {
    refused: [
      { ReplicaRegions: 'eu-west-1,eu-west-2,eu-west-3,eu-north-1,us-east-1,us-east-2' },
      { ReplicaRegions: 'eu-west-1, us-east-1' },
      { ReplicaRegions: 'Ireland' },
    ],
    taken: [{}, { ReplicaRegions: 'eu-west-1,eu-west-2,eu-west-3,eu-north-1,us-gov-west-1' }],
  },
  HeartbeatRegions: {
    refused: [
      { HeartbeatRegions: 'eu-west-1,eu-west-2,eu-west-3,eu-north-1,us-east-1,us-east-2' },
      { HeartbeatRegions: 'eu-west-1, us-east-1' },
    ],
    taken: [{}, { HeartbeatRegions: 'eu-west-1,eu-west-2,eu-west-3,eu-north-1,us-gov-west-1' }],
  },
  HeartbeatRegionsHaveFeed: {
    refused: [
      { HeartbeatRegions: 'eu-west-1', ChangeFeed: 'off' },
      { HeartbeatRegions: 'eu-west-1', TableOwnership: 'existing' },
    ],
    taken: [
      { ChangeFeed: 'off' },
      { HeartbeatRegions: 'eu-west-1' },
      { HeartbeatRegions: 'eu-west-1', ...FEED_OF_EXISTING },
    ],
  },
  TableTags: {
    refused: [{ TableTags: 'a=1,b=2,c=3,d=4' }, { TableTags: 'project' }, { TableTags: 'a=1,' }],
    taken: [{}, { TableTags: 'a=1,b=,c=with spaces' }],
  },
  OwnTableIsHere: {
    refused: [{ TableRegion: 'eu-west-1' }, { TableStreamArn: STREAM, ExistingTableHeartbeat: 'on' }],
    taken: [{}, { TableRegion: 'eu-west-1', TableOwnership: 'existing' }],
  },
  DomainHasCertificate: {
    refused: [{ DomainName: 'lookup.example.com' }],
    taken: [{}, DOMAIN],
  },
  DomainIsNamed: {
    refused: [{ CertificateId: DOMAIN.CertificateId }, { HostedZoneId: 'Z0123456789ABCDEFGHIJ' }],
    taken: [{}, { ...DOMAIN, HostedZoneId: 'Z0123456789ABCDEFGHIJ' }],
  },
  LatencyRoutingHasRecord: {
    refused: [{ LatencyRouting: 'on' }, { ...DOMAIN, LatencyRouting: 'on' }],
    taken: [{ ...DOMAIN, HostedZoneId: 'Z0123456789ABCDEFGHIJ', LatencyRouting: 'on' }],
  },
  TableNameIsConfirmed: {
    refused: [{ TableName: 'other' }, { ConfirmTableName: 'other' }],
    taken: [
      {},
      { TableName: 'other', ConfirmTableName: 'other' },
      { TableName: 'other', TableOwnership: 'existing' },
    ],
  },
  TableStreamArn: {
    refused: [
      { TableStreamArn: 'arn:aws:dynamodb:eu-west-1:123456789012:table/apps' },
      { TableStreamArn: 'apps' },
    ],
    taken: [{}, { ...FEED_OF_EXISTING, TableStreamArn: STREAM.replace('arn:aws:', 'arn:aws-us-gov:') }],
  },
  FeedOfExistingTable: {
    refused: [
      { ...FEED_OF_EXISTING, TableRegion: 'eu-west-1' },
      { ...FEED_OF_EXISTING, ExistingTableHeartbeat: 'off' },
    ],
    taken: [{ TableOwnership: 'existing' }, FEED_OF_EXISTING, { ...FEED_OF_EXISTING, ChangeFeed: 'off' }],
  },
  HeartbeatOfExistingTable: {
    refused: [{ ...FEED_OF_EXISTING, TableStreamArn: '' }],
    taken: [FEED_OF_EXISTING, { ExistingTableHeartbeat: 'on' }],
  },
}

describe.each(Object.entries(CASES))('%s', (name, { refused, taken }) => {
  it.each(refused)('rejects %j', (values) => expect(refusedBy(values)).toContain(name))
  it.each(taken)('accepts %j', (values) => expect(refusedBy(values)).toEqual([]))
})

describe('a rule', () => {
  it.each(Object.keys(RULES))('%s has cases above', (name) => expect(CASES).toHaveProperty(name))

  it('explains in sentences what to do', () => {
    for (const { Assertions } of Object.values(RULES))
      for (const { AssertDescription } of Assertions) expect(AssertDescription).toMatch(/^[A-Z].+\.$/s)
  })
})

describe('the default parameters', () => {
  it('are accepted', () => expect(refusedBy({})).toEqual([]))
})

describe('Consumers', () => {
  it('accepts exactly what the authorizer can parse', () => {
    const parses = (list: string) => {
      try {
        parseConsumers(list)
        return true
      } catch {
        return false
      }
    }
    const part = fc.constantFrom(entry('a'), entry('b.c-d', 'public'), 'x', ',', ':', ' ', '\n', '=', '')
    fc.assert(
      fc.property(fc.array(part, { maxLength: 8 }), (parts) => {
        const list = parts.join('')
        expect(refusedBy({ Consumers: list }).length === 0).toBe(parses(list))
      }),
      { numRuns: 500 },
    )
  })

  it('can have as many entries as the authorizer accepts', () => {
    const longest = Array.from({ length: MAX_CONSUMERS }, () => entry('c'.repeat(40), 'public')).join(',')
    expect(longest.length).toBeGreaterThan(3600)
    expect(refusedBy({ Consumers: longest })).toEqual([])
  })
})

describe('a list in a parameter', () => {
  it('is used up to its last entry', () => {
    const ReplicaRegions = 'eu-west-1,eu-west-2,eu-west-3,eu-north-1,us-east-2'
    const table = resolve({ ReplicaRegions, TableTags: 'a=1,b=2,c=3' }).get('AppsTable')?.Properties
    const replicas = table?.Replicas as { Region: string; Tags: object[] }[]
    expect(replicas.slice(1).map(({ Region }) => Region)).toEqual(ReplicaRegions.split(','))
    for (const { Tags } of replicas) expect(Tags).toHaveLength(3)
  })
})
