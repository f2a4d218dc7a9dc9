import { readdirSync, readFileSync } from 'node:fs'
import { runSimulation } from '@cloud-copilot/iam-simulate'
import { describe, expect, it } from 'vitest'
import { type Resource, resolveTemplate } from '../../dev/cloudformation.ts'
import { readStack, TEMPLATE } from '../../dev/stack.ts'
import { APP_KEY_INDEX } from '../../functions/table.ts'
import { OPENAPI } from '../support/openapi.ts'

const resolve = (parameters: Record<string, string> = {}) =>
  resolveTemplate(readFileSync(TEMPLATE, 'utf8'), parameters)
const resources = resolve()
const REGION = 'arn:aws:dynamodb:us-east-1:123456789012'
const TABLE = `${REGION}:table/apps`
const INDEX = `${TABLE}/index/${APP_KEY_INDEX}`

type Statement = { Effect: string; Action: string | string[]; Resource: string }
const statementsOf = (role: string, from: ReadonlyMap<string, Resource> = resources): Statement[] => {
  const policies = from.get(role)?.Properties.Policies as { PolicyDocument: { Statement: Statement[] } }[]
  expect(policies).toHaveLength(1)
  return policies.flatMap(({ PolicyDocument }) => PolicyDocument.Statement)
}

/** Whether IAM would let a role do this, by a simulation of its policy. */
async function isAllowed(role: string, action: string, resource: string, parameters = {}): Promise<boolean> {
  const Statement = statementsOf(role, resolve(parameters)).filter(({ Resource }) =>
    Resource.startsWith('arn:'),
  )
  const simulation = await runSimulation(
    {
      request: {
        action,
        resource: { resource, accountId: '123456789012' },
        principal: `arn:aws:iam::123456789012:role/${role}`,
        contextVariables: {},
      },
      identityPolicies: [{ name: role, policy: { Version: '2012-10-17', Statement } }],
      serviceControlPolicies: [],
      resourceControlPolicies: [],
    },
    {},
  )
  if (simulation.resultType !== 'error') return simulation.overallResult === 'Allowed'
  // An action that knows no resource of this kind, such as GetItem on an index.
  if (simulation.errors.message === 'no.resource.types') return false
  throw new Error(JSON.stringify(simulation.errors))
}

const ACTIONS = [
  ...['GetItem', 'BatchGetItem', 'Query', 'Scan', 'PutItem', 'UpdateItem', 'DeleteItem', 'BatchWriteItem'],
  ...['DescribeTable', 'CreateTable', 'UpdateTable', 'DeleteTable', 'PartiQLSelect'],
].map((action) => `dynamodb:${action}`)
const ARNS = [TABLE, INDEX, `${TABLE}/index/Other`, `${REGION}:table/apps2`, `${REGION}:table/other`]

describe("a function's role", () => {
  it.each([
    ['AuthorizeRole', []],
    ['FindAppByIdRole', [`dynamodb:GetItem ${TABLE}`]],
    ['FindAppByKeyRole', [`dynamodb:Query ${INDEX}`]],
    ['LookupAppsRole', [`dynamodb:GetItem ${TABLE}`, `dynamodb:Query ${INDEX}`]],
  ])('%s may do exactly %j with the table', async (role, expected) => {
    const allowed: string[] = []
    for (const action of ACTIONS)
      for (const arn of ARNS) if (await isAllowed(role, action, arn)) allowed.push(`${action} ${arn}`)
    expect(allowed).toEqual(expected)
  })

  it.each(['Authorize', 'FindAppById', 'FindAppByKey', 'LookupApps'])(
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
    for (const name of ['Authorize', 'FindAppById', 'FindAppByKey', 'LookupApps']) {
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

  it('reads the table where it is', async () => {
    const parameters = { TableRegion: 'eu-west-1', TableName: 'other', TableOwnership: 'existing' }
    const there = 'arn:aws:dynamodb:eu-west-1:123456789012:table/other'
    expect(await isAllowed('FindAppByIdRole', 'dynamodb:GetItem', there, parameters)).toBe(true)
    expect(await isAllowed('FindAppByIdRole', 'dynamodb:GetItem', TABLE, parameters)).toBe(false)
  })

  it("may use a customer's key through DynamoDB only", () => {
    const id = 'mrk-1234567890abcdef1234567890abcdef'
    const [decrypt] = statementsOf('FindAppByIdRole', resolve({ TableKmsKeyId: id })).slice(-1)
    expect(decrypt).toEqual({
      Effect: 'Allow',
      Action: 'kms:Decrypt',
      Resource: `arn:aws:kms:us-east-1:123456789012:key/${id}`,
      Condition: { StringEquals: { 'kms:ViaService': 'dynamodb.us-east-1.amazonaws.com' } },
    })
  })
})

describe('the table', () => {
  const replicasOf = (parameters: Record<string, string>) =>
    resolve(parameters).get('AppsTable')?.Properties.Replicas as Record<string, unknown>[]

  it('is what soketi reads: on demand, by AppId, with AppKeyIndex on AppKey and all attributes', () => {
    expect(readStack({}).table).toEqual({
      TableName: 'apps',
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [
        { AttributeName: 'AppId', AttributeType: 'S' },
        { AttributeName: 'AppKey', AttributeType: 'S' },
      ],
      KeySchema: [{ AttributeName: 'AppId', KeyType: 'HASH' }],
      GlobalSecondaryIndexes: [
        {
          IndexName: APP_KEY_INDEX,
          KeySchema: [{ AttributeName: 'AppKey', KeyType: 'HASH' }],
          Projection: { ProjectionType: 'ALL' },
        },
      ],
    })
  })

  it('is protected in every replica, with and without a key', () => {
    const TableKmsKeyId = 'mrk-1234567890abcdef1234567890abcdef'
    const regions = ['us-east-1', 'eu-west-1', 'eu-north-1', 'ap-south-1', 'sa-east-1', 'ca-central-1']
    for (const key of ['', TableKmsKeyId])
      for (let count = 0; count < regions.length; count++) {
        const ReplicaRegions = regions.slice(1, count + 1).join(',')
        expect(replicasOf({ ReplicaRegions, TableKmsKeyId: key })).toEqual(
          regions.slice(0, count + 1).map((Region) => ({
            Region,
            DeletionProtectionEnabled: true,
            PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
            ...(key && { SSESpecification: { KMSMasterKeyId: key } }),
          })),
        )
      }
  })

  it('has its tags in every replica', () => {
    const tags = [
      { Key: 'project', Value: 'chat' },
      { Key: 'team', Value: '' },
      { Key: 'stage', Value: 'live' },
    ]
    for (let count = 1; count <= tags.length; count++) {
      const TableTags = tags
        .slice(0, count)
        .map(({ Key, Value }) => `${Key}=${Value}`)
        .join(',')
      const replicas = replicasOf({ TableTags, ReplicaRegions: 'eu-west-1' })
      expect(replicas.map(({ Tags }) => Tags)).toEqual(Array(2).fill(tags.slice(0, count)))
    }
  })

  it('stays when the stack goes, and is left alone when it belongs to somebody else', () => {
    expect(
      readFileSync(TEMPLATE, 'utf8').match(/(DeletionPolicy|UpdateReplacePolicy): Retain/g),
    ).toHaveLength(2)
    expect(resolve({ TableOwnership: 'existing' }).has('AppsTable')).toBe(false)
  })
})

describe('the API', () => {
  it('has the routes of openapi.yaml', () => {
    const documented = Object.entries(OPENAPI.paths).flatMap(([path, operations]) =>
      Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`),
    )
    const routes = readStack({}).routes.map(({ method, path }) => `${method} ${path}`)
    expect(routes.sort()).toEqual(documented.sort())
  })

  it('asks the authorizer on every route, by the Authorization header, and keeps its word for 300 s', () => {
    expect(readStack({}).authorizer).toEqual({
      functionName: 'Authorize',
      header: 'authorization',
      ttlMs: 300_000,
    })
    expect(resources.get('Api')?.Properties.Auth).toMatchObject({ DefaultAuthorizer: 'TokenAuthorizer' })
  })

  it('logs who asked, and neither the path nor a header', () => {
    const settings = resources.get('Api')?.Properties.AccessLogSettings as { Format: string } | undefined
    const variables = Object.values(JSON.parse(settings?.Format ?? '{}')) as string[]
    expect(variables).toContain('$context.authorizer.consumer')
    expect(variables.filter((variable) => /path|header|querystring/i.test(variable))).toEqual([])
  })
})

describe('the functions', () => {
  const { functions } = readStack({})

  it('are the entries of functions/: each file that exports a handler, under a name of its own', () => {
    const folder = new URL('../../functions/', import.meta.url)
    const entries = readdirSync(folder, { withFileTypes: true })
      .filter((file) => file.isFile())
      .map(({ name }) => name)
      .filter((name) => /^export const handler\b/m.test(readFileSync(new URL(name, folder), 'utf8')))
    expect(functions.map(({ entry }) => entry.pathname.split('/').at(-1)).sort()).toEqual(entries.sort())
    expect(new Set(functions.map(({ name }) => name)).size).toBe(functions.length)
  })

  it('have the concurrency and the tracing that the parameters say, none by default', () => {
    const settings = (parameters: Record<string, string>) =>
      functions.map(({ name }) => resolve(parameters).get(name)?.Properties)
    for (const properties of settings({})) {
      expect(properties).not.toHaveProperty('ReservedConcurrentExecutions')
      expect(properties).toMatchObject({ Tracing: 'PassThrough' })
    }
    for (const properties of settings({ ReservedConcurrency: '20', ActiveTracing: 'on' }))
      expect(properties).toMatchObject({ ReservedConcurrentExecutions: '20', Tracing: 'Active' })
  })

  it("log and count under the stack's name", () => {
    for (const { environment } of functions) expect(environment.POWERTOOLS_SERVICE_NAME).toBe('local')
  })

  it('are given no variable that they do not read', () => {
    const settings = readFileSync(new URL('../../functions/config.ts', import.meta.url), 'utf8')
    for (const { name, environment } of functions)
      for (const variable of Object.keys(environment))
        expect(settings, `${name} is given ${variable}`).toContain(variable)
  })
})
