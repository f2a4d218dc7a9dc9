import { describe, expect, it } from 'vitest'
import type { Resource } from '../../dev/cloudformation.ts'
import { APP_KEY_INDEX } from '../../functions/apps/table.ts'
import { resolve } from './resolved.ts'
import { allows } from './simulation.ts'

const resources = resolve()
const REGION = 'arn:aws:dynamodb:us-east-1:123456789012'
const TABLE = `${REGION}:table/apps`
const INDEX = `${TABLE}/index/${APP_KEY_INDEX}`

const KEY = 'mrk-1234567890abcdef1234567890abcdef'
const VIA_DYNAMODB = { StringEquals: { 'kms:ViaService': 'dynamodb.us-east-1.amazonaws.com' } }

type Statement = { Effect: string; Action: string | string[]; Resource: string | string[] }
const statementsOf = (role: string, from: ReadonlyMap<string, Resource> = resources): Statement[] => {
  const policies = from.get(role)?.Properties.Policies as { PolicyDocument: { Statement: Statement[] } }[]
  expect(policies).toHaveLength(1)
  return policies.flatMap(({ PolicyDocument }) => PolicyDocument.Statement)
}

/** The ARN of a function or a log group, such as `FindAppById.Arn` in the template. */
const toArn = (resource: string) =>
  resource
    .replace(/^(\w+)LogGroup\.Arn$/, 'arn:aws:logs:us-east-1:123456789012:log-group:$1')
    .replace(/^(\w+)\.Arn/, functionArn('$1'))
const functionArn = (name: string) => `arn:aws:lambda:us-east-1:123456789012:function:${name}`

type Request = { readonly from?: ReadonlyMap<string, Resource>; readonly context?: Record<string, string[]> }

/** Whether IAM would allow a role to do this, by a simulation of its policy. */
function isAllowed(
  role: string,
  action: string,
  resource: string,
  { from = resources, context = {} }: Request = {},
): Promise<boolean> {
  const Statement = statementsOf(role, from).map((statement) => ({
    ...statement,
    Resource: [statement.Resource].flat().map(toArn),
  }))
  return allows({ Version: '2012-10-17', Statement }, action, resource, context)
}

const ACTIONS = [
  ...['GetItem', 'BatchGetItem', 'Query', 'Scan', 'PutItem', 'UpdateItem', 'DeleteItem', 'BatchWriteItem'],
  ...['DescribeTable', 'CreateTable', 'UpdateTable', 'DeleteTable', 'PartiQLSelect'],
  ...['DescribeStream', 'GetRecords', 'GetShardIterator'],
].map((action) => `dynamodb:${action}`)
const LOG = `${REGION}:table/local-changes`
const STREAM = `${TABLE}/stream/2026-11-22T12:00:00.000`
const ARNS = [
  ...[TABLE, INDEX, `${TABLE}/index/Other`, STREAM, `${REGION}:table/apps2`, `${REGION}:table/other`],
  ...[LOG, `${LOG}2`, `${LOG}/stream/2026-11-22T12:00:00.000`, `${LOG}/index/Other`],
]
const NAMES = [
  'Authorize',
  'FindAppById',
  'FindAppByKey',
  'LookupApps',
  'FindChanges',
  'RecordChanges',
] as const

describe("a function's role", () => {
  it.each([
    ['AuthorizeRole', []],
    ['FindAppByIdRole', [`dynamodb:GetItem ${TABLE}`]],
    ['FindAppByKeyRole', [`dynamodb:Query ${INDEX}`]],
    ['LookupAppsRole', [`dynamodb:GetItem ${TABLE}`, `dynamodb:Query ${INDEX}`]],
    ['FindChangesRole', [`dynamodb:Query ${LOG}`]],
    [
      'RecordChangesRole',
      [
        ...[`dynamodb:Query ${LOG}`, `dynamodb:PutItem ${LOG}`, `dynamodb:DescribeStream ${STREAM}`],
        ...[`dynamodb:GetRecords ${STREAM}`, `dynamodb:GetShardIterator ${STREAM}`],
      ],
    ],
  ])('%s may do exactly %j with the tables', async (role, expected) => {
    const allowed: string[] = []
    for (const action of ACTIONS)
      for (const arn of ARNS) if (await isAllowed(role, action, arn)) allowed.push(`${action} ${arn}`)
    expect(allowed).toEqual(expected)
  })

  it.each(NAMES)(
    '%sRole has no other statement than for its own log group, and no managed policy',
    (name) => {
      const [logs, ...others] = statementsOf(`${name}Role`)
      expect(logs).toEqual({
        Effect: 'Allow',
        Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
        Resource: `${name}LogGroup.Arn`,
      })
      for (const { Action } of others)
        expect([Action].flat().every((action) => action.startsWith('dynamodb:'))).toBe(true)
      expect(resources.get(`${name}Role`)?.Properties).not.toHaveProperty('ManagedPolicyArns')
      expect(resources.get(name)?.Properties).toMatchObject({
        Role: `${name}Role.Arn`,
        LoggingConfig: { LogGroup: `${name}LogGroup` },
      })
    },
  )

  it('may send traces while they are on, and nothing more', () => {
    for (const name of NAMES) {
      const [plain, traced] = [{}, { ActiveTracing: 'on' }].map((parameters) =>
        statementsOf(`${name}Role`, resolve(parameters)),
      )
      expect(
        traced?.filter((statement) => !JSON.stringify(plain).includes(JSON.stringify(statement))),
      ).toEqual([
        { Effect: 'Allow', Action: ['xray:PutTraceSegments', 'xray:PutTelemetryRecords'], Resource: '*' },
      ])
      expect(traced).toHaveLength((plain?.length ?? 0) + 1)
    }
  })

  it('reads the table in its own region', async () => {
    const from = resolve({ TableRegion: 'eu-west-1', TableName: 'other', TableOwnership: 'existing' })
    const there = 'arn:aws:dynamodb:eu-west-1:123456789012:table/other'
    expect(await isAllowed('FindAppByIdRole', 'dynamodb:GetItem', there, { from })).toBe(true)
    expect(await isAllowed('FindAppByIdRole', 'dynamodb:GetItem', TABLE, { from })).toBe(false)
  })

  it("may use a customer's key through DynamoDB only", () => {
    const [decrypt] = statementsOf('FindAppByIdRole', resolve({ TableKmsKeyId: KEY })).slice(-1)
    expect(decrypt).toEqual({
      Effect: 'Allow',
      Action: 'kms:Decrypt',
      Resource: `arn:aws:kms:us-east-1:123456789012:key/${KEY}`,
      Condition: VIA_DYNAMODB,
    })
  })

  it("may do with a customer's key what it does with the tables: read, or read and write", () => {
    const from = resolve({ TableKmsKeyId: KEY })
    const key = {
      Effect: 'Allow',
      Resource: `arn:aws:kms:us-east-1:123456789012:key/${KEY}`,
      Condition: VIA_DYNAMODB,
    }
    expect(statementsOf('FindChangesRole', from).at(-1)).toEqual({ ...key, Action: 'kms:Decrypt' })
    const Action = ['kms:Decrypt', 'kms:DescribeKey', 'kms:Encrypt', 'kms:GenerateDataKey*', 'kms:ReEncrypt*']
    for (const role of ['RecordChangesRole', 'HeartbeatRole'])
      expect(statementsOf(role, from).at(-1)).toEqual({ ...key, Action })
  })

  it('names a resource for every action except ListStreams, which Lambda calls and which supports none', () => {
    const broad = [...NAMES, 'Heartbeat'].flatMap((name) =>
      statementsOf(`${name}Role`).filter(({ Resource }) => [Resource].flat().includes('*')),
    )
    expect(broad).toEqual([{ Effect: 'Allow', Action: 'dynamodb:ListStreams', Resource: '*' }])
  })

  it('does not read the change log in a stack without one', () => {
    const from = resolve({ ChangeFeed: 'off', TableKmsKeyId: KEY })
    expect(statementsOf('FindChangesRole', from)).toHaveLength(1)
    for (const role of ['RecordChangesRole', 'HeartbeatRole']) expect(from.has(role)).toBe(false)
  })
})

describe("the heartbeat's role", () => {
  const keys = (...ids: string[]) => ({ context: { 'dynamodb:LeadingKeys': ids } })
  const own = keys('~heartbeat.us-east-1')

  it('may put its one item into the table, and do nothing else', async () => {
    const allowed: string[] = []
    for (const action of ACTIONS)
      for (const arn of ARNS)
        if (await isAllowed('HeartbeatRole', action, arn, own)) allowed.push(`${action} ${arn}`)
    expect(allowed).toEqual([`dynamodb:PutItem ${TABLE}`])
    expect(statementsOf('HeartbeatRole')).toHaveLength(1)
  })

  it.each([[['demo']], [['~heartbeat.eu-west-1']], [['~heartbeat.']], [['~heartbeat.us-east-1', 'demo']]])(
    'may not put items %j',
    async (ids) => {
      expect(await isAllowed('HeartbeatRole', 'dynamodb:PutItem', TABLE, keys(...ids))).toBe(false)
    },
  )

  it('can be assumed only by schedules of its account', () => {
    expect(resources.get('HeartbeatRole')?.Properties.AssumeRolePolicyDocument).toMatchObject({
      Statement: [
        {
          Effect: 'Allow',
          Action: 'sts:AssumeRole',
          Principal: { Service: 'scheduler.amazonaws.com' },
          Condition: { StringEquals: { 'aws:SourceAccount': '123456789012' } },
        },
      ],
    })
  })
})

describe('a role', () => {
  const boundary = 'arn:aws:iam::123456789012:policy/boundary'
  const rolesFor = (parameters: Record<string, string>) =>
    [...resolve(parameters)].filter(([, { Type }]) => Type === 'AWS::IAM::Role')

  it.each(rolesFor({}))(
    '%s has the permissions boundary of the parameter, and none without it',
    (name, role) => {
      expect(role.Properties).not.toHaveProperty('PermissionsBoundary')
      const bounded = resolve({ PermissionsBoundaryArn: boundary }).get(name)
      expect(bounded?.Properties.PermissionsBoundary).toBe(boundary)
    },
  )
})

describe('the role of CodeDeploy', () => {
  const LAMBDA_ACTIONS = [
    'GetAlias',
    'UpdateAlias',
    'CreateAlias',
    'DeleteAlias',
    'InvokeFunction',
    'UpdateFunctionCode',
  ]
  const aliased = [...resources].filter(([, { Properties }]) => 'AutoPublishAlias' in Properties)

  it('may move the alias of each function that has one, and of no other', async () => {
    const names = [...resources]
      .filter(([, { Type }]) => Type === 'AWS::Serverless::Function')
      .map(([name]) => name)
    const allowed: string[] = []
    for (const name of [...names, 'other'])
      for (const action of LAMBDA_ACTIONS)
        if (await isAllowed('DeployRole', `lambda:${action}`, functionArn(name)))
          allowed.push(`${action} ${name}`)
    expect(allowed).toEqual(aliased.flatMap(([name]) => [`GetAlias ${name}`, `UpdateAlias ${name}`]))
  })

  it('may read alarms, and nothing else of CloudWatch', async () => {
    const alarm = 'arn:aws:cloudwatch:us-east-1:123456789012:alarm:local-ServerErrors'
    expect(await isAllowed('DeployRole', 'cloudwatch:DescribeAlarms', alarm)).toBe(true)
    for (const action of ['PutMetricAlarm', 'DeleteAlarms', 'SetAlarmState'])
      expect(await isAllowed('DeployRole', `cloudwatch:${action}`, alarm)).toBe(false)
  })

  it('can be assumed only by CodeDeploy', () => {
    expect(resources.get('DeployRole')?.Properties.AssumeRolePolicyDocument).toMatchObject({
      Statement: [
        { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: 'codedeploy.amazonaws.com' } },
      ],
    })
  })
})
