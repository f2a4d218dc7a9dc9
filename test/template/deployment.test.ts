import { describe, expect, it } from 'vitest'
import type { Resource } from '../../dev/cloudformation.ts'
import { PARAMETERS, refusedBy } from './refused.ts'
import { resolve } from './resolved.ts'

const ofType = (type: string, from = resolve()) => [...from].filter(([, { Type }]) => Type === type)
const functionsOf = (parameters = {}) => ofType('AWS::Serverless::Function', resolve(parameters))
const isRouted = ([, { Properties }]: [string, Resource]) =>
  Object.values((Properties.Events ?? {}) as Record<string, { Type: string }>).some(
    ({ Type }) => Type === 'HttpApi',
  )
const versioned = functionsOf().filter(([, { Properties }]) => 'AutoPublishAlias' in Properties)

describe('a function behind a route', () => {
  it.each(functionsOf().filter(isRouted))('%s has an alias and is deployed as the parameter says', (name) => {
    expect(resolve().get(name)?.Properties).toMatchObject({
      AutoPublishAlias: 'live',
      AutoPublishAliasAllProperties: true,
      DeploymentPreference: { Enabled: 'false', Type: 'AllAtOnce' },
    })
    const DeploymentPreference = 'Linear10PercentEvery1Minute'
    expect(resolve({ DeploymentPreference }).get(name)?.Properties).toMatchObject({
      DeploymentPreference: { Enabled: 'true', Type: DeploymentPreference, Role: 'DeployRole.Arn' },
    })
  })
})

describe('a function without a route', () => {
  it.each(functionsOf().filter((entry) => !isRouted(entry)))('%s is replaced at once', (_name, resource) => {
    expect(resource.Properties).not.toHaveProperty('AutoPublishAlias')
    expect(resource.Properties).not.toHaveProperty('DeploymentPreference')
  })
})

// What belongs to a function or to its deployment, and not to a version.
// https://docs.aws.amazon.com/lambda/latest/dg/configuration-versions.html
const NOT_IN_A_VERSION = [
  'AutoPublishAlias',
  'AutoPublishAliasAllProperties',
  'DeploymentPreference',
  'Events',
  'ReservedConcurrentExecutions',
  'VersionDeletionPolicy',
  'VersionDescription',
]

/** Values that a parameter may have, its default among them. */
function valuesOf(name: string): readonly string[] {
  const { Default = '', AllowedValues, Type, MinValue = 0 } = PARAMETERS[name] ?? { Type: 'String' }
  const others = AllowedValues ?? (Type === 'Number' ? [MinValue, MinValue + 1] : (TEXTS[name] ?? []))
  return [...new Set([Default, ...others].map(String))]
}
const TEXTS: Readonly<Record<string, readonly string[]>> = {
  TableName: ['other', 'apps.2'],
  TableRegion: ['us-east-1', 'eu-west-1'],
  DynamoDbEndpoint: ['http://127.0.0.1:8000'],
  Consumers: [`soketi:full:${'x'.repeat(43)}`],
  AlarmTopicArn: ['arn:aws:sns:us-east-1:123456789012:operators'],
  TableKmsKeyId: ['mrk-1234567890abcdef1234567890abcdef'],
  ConfirmTableName: ['other'],
  DomainName: ['lookup.example.com'],
  CertificateId: ['01234567-89ab-cdef-0123-456789abcdef'],
  HostedZoneId: ['Z0123456789ABCDEFGHIJ'],
  ReplicaRegions: ['eu-west-1'],
  HeartbeatRegions: ['eu-west-1'],
  TableTags: ['project=chat'],
  TableStreamArn: ['arn:aws:dynamodb:us-east-1:123456789012:table/apps/stream/2026-11-22T12:00:00.000'],
  PermissionsBoundaryArn: ['arn:aws:iam::123456789012:policy/boundary'],
}

describe('a version of a function', () => {
  const versionsOf = (parameters: Readonly<Record<string, string>>) => {
    const resources = resolve(parameters)
    return versioned.map(([name]) => {
      const { VersionDescription, ...properties } = resources.get(name)?.Properties ?? {}
      for (const property of NOT_IN_A_VERSION) delete properties[property]
      return { name, description: String(VersionDescription), properties: JSON.stringify(properties) }
    })
  }

  it.each(Object.keys(PARAMETERS))('is published if %s changes what is in it, and only then', (parameter) => {
    for (const others of [
      {},
      { TableOwnership: 'existing', TableRegion: 'eu-west-1', ActiveTracing: 'on' },
    ]) {
      expect(valuesOf(parameter).length, `${parameter} needs a second value in TEXTS`).toBeGreaterThan(1)
      const [first, ...further] = valuesOf(parameter).map((value) =>
        versionsOf({ ...others, [parameter]: value }),
      )
      // Lambda refuses to publish a version that is the same as the last one.
      for (const versions of further)
        for (const [i, { name, description, properties }] of versions.entries())
          expect(description === first?.[i]?.description, name).toBe(properties === first?.[i]?.properties)
    }
  })

  it("has a description within Lambda's 256 characters, whatever the parameters are", () => {
    expect(refusedBy(LONGEST)).toEqual([])
    for (const { name, description } of versionsOf(LONGEST))
      expect(description.length, name).toBeLessThanOrEqual(256)
    for (const parameter of ['TableName', 'DynamoDbEndpoint'] as const)
      expect(refusedBy({ ...LONGEST, [parameter]: `${LONGEST[parameter]}x` })).toEqual([parameter])
  })
})

/** The longest value of each parameter that a version's description has. */
const LONGEST = {
  TableOwnership: 'existing',
  TableName: 'x'.repeat(100),
  TableRegion: 'ap-southeast-10',
  DynamoDbEndpoint: 'x'.repeat(64),
  MemorySize: '10240',
  Architecture: 'x86_64',
  AppCacheTtlSeconds: '3600',
  MissCacheTtlSeconds: '3600',
  Prime: 'off',
  ActiveTracing: 'off',
}

describe('a gradual deployment', () => {
  const gradual =
    PARAMETERS.DeploymentPreference?.AllowedValues?.filter((value) => value !== 'AllAtOnce') ?? []
  const alarms = new Map(
    ofType('AWS::CloudWatch::Alarm').map(([, { Properties }]) => [String(Properties.AlarmName), Properties]),
  )

  /** How long a bad version is deployed before CodeDeploy accepts it: https://docs.aws.amazon.com/codedeploy/latest/userguide/deployment-configurations.html */
  function secondsOf(preference: string): number {
    const [, canary, linear] =
      /^(?:Canary10Percent(\d+)Minutes|Linear10PercentEvery(\d+)Minutes?)$/.exec(preference) ?? []
    return 60 * (canary ? Number(canary) : 9 * Number(linear))
  }

  /** The time until an alarm starts: its bad periods, and two minutes until CloudWatch has the metrics. */
  function secondsUntilRinging({
    Period,
    Metrics,
    EvaluationPeriods,
    DatapointsToAlarm,
  }: Resource['Properties']) {
    const [{ MetricStat }] = ((Metrics as object[])?.filter((metric) => 'MetricStat' in metric) ?? [{}]) as [
      { MetricStat?: { Period: number } },
    ]
    return Number(Period ?? MetricStat?.Period) * Number(DatapointsToAlarm ?? EvaluationPeriods) + 120
  }

  it.each(gradual.map(String))('%s is taken back by alarms that can ring within it', (preference) => {
    for (const [, { Properties }] of functionsOf({ DeploymentPreference: preference }).filter(isRouted)) {
      const names = (Properties.DeploymentPreference as { Alarms: string[] }).Alarms
      expect(names.length).toBeGreaterThan(0)
      // CodeDeploy takes no more.
      expect(names.length).toBeLessThanOrEqual(10)
      for (const name of names) {
        expect([...alarms.keys()]).toContain(name)
        expect(secondsUntilRinging(alarms.get(name) ?? {}), name).toBeLessThan(secondsOf(preference))
      }
    }
  })

  it('ends before the alarm SlowAnswers can start, which takes more than 15 minutes', () => {
    expect(secondsUntilRinging(alarms.get('local-SlowAnswers') ?? {})).toBeGreaterThan(900)
  })
})
