import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { resolveTemplate } from '../../dev/cloudformation.ts'
import { TRANSLATED } from './environments.ts'
import { runPythonOf } from './python-tools.ts'

const policy: { readonly Statement: readonly { readonly Action: string | readonly string[] }[] } = JSON.parse(
  readFileSync(new URL('../../docs/deployer-policy.json', import.meta.url), 'utf8'),
)
const allowed = policy.Statement.flatMap(({ Action }) => Action)

/** Every type of resource that a stack of this template can have. */
const types = [
  ...new Set(
    Object.values(TRANSLATED).flatMap(({ template }) =>
      [...resolveTemplate(JSON.stringify(template), {}).values()].map(({ Type }) => Type),
    ),
  ),
].sort()

const needed: Readonly<Record<string, readonly string[]>> = JSON.parse(
  runPythonOf('cfn-lint', 'resource_permissions.py', types),
)

/** Permissions in CloudFormation's schemas for properties that template.yaml does not use. */
const UNUSED: Readonly<Record<string, RegExp>> = {
  'code signing, layers, file systems, VPCs, keys, scaling and runtime management of functions':
    /^(ec2|elasticfilesystem|s3files):|^lambda:(Put|Delete|Get)(Function)?(CodeSigningConfig|LayerVersion|ProvisionedConcurrencyConfig|FunctionScalingConfig|ScalingConfig|RecursionConfig|RuntimeManagementConfig)$|^lambda:(AssociateRuntimeAlias|PassCapacityProvider)$/,
  'managed policies of roles, and the end of their boundary':
    /^iam:((At|De)tachRolePolicy|DeleteRolePermissionsBoundary)$/,
  'streams into Kinesis, imports, resource policies, insights and provisioned capacity of tables':
    /^kinesis:|^dynamodb:(Enable|Disable|Update)KinesisStreamingDestination$|^dynamodb:(ImportTable|(Put|Delete)ResourcePolicy|UpdateContributorInsights|UpdateTableReplicaAutoScaling|AssociateTableReplica|DisassociateTableReplica)$|^application-autoscaling:(Put|Delete|Register|Deregister)/,
  'the log of an import into a table': /^logs:(CreateLogStream|DescribeLogStreams|PutLogEvents)$/,
  'keys, data protection, indexes, delivery to other services and deletion protection of log groups':
    /^logs:((Disa|A)ssociateKmsKey|(Put|Delete)(DataProtectionPolicy|IndexPolicy)|DeleteResourcePolicy|PutBearerTokenAuthentication|PutLogGroupDeletionProtection)$|^firehose:|^s3:REST\.PUT\.OBJECT$/,
  'deployments to servers': /^codedeploy:RegisterOnPremisesInstance$/,
  'aliases of keys and keys of event source mappings': /^kms:(ListAliases|GenerateDataKey)$/,
  "metrics of CloudFormation's own": /^cloudwatch:PutMetricData$/,
  'objects of an import into a table': /^s3:GetObjectMetadata$/,
}

/** The calls of `sam deploy` and `sam delete`, and the permissions to turn on the log of an HTTP API. */
const FURTHER: Readonly<Record<string, RegExp>> = {
  'sam deploy and sam delete': /^cloudformation:|^s3:(DeleteObject|PutObject)$/,
  // https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging.html
  "an HTTP API's log": /^logs:((Update|Delete|Get)LogDelivery|ListLogDeliveries)$/,
}

const isIn = (reasons: Readonly<Record<string, RegExp>>, action: string) =>
  Object.values(reasons).some((pattern) => pattern.test(action))
const matches = (pattern: string, action: string) =>
  new RegExp(`^${pattern.replaceAll('*', '.*')}$`, 'i').test(action)
const isAllowed = (action: string) => allowed.some((pattern) => matches(pattern, action))

describe('docs/deployer-policy.json', () => {
  it.each(types)('allows the actions that CloudFormation needs for %s', (type) => {
    const missing = needed[type]?.filter((action) => !isAllowed(action) && !isIn(UNUSED, action))
    expect(missing).toEqual([])
  })

  it('allows no action that neither a resource nor a deployment needs', () => {
    const all = Object.values(needed).flat()
    const superfluous = allowed.filter(
      (pattern) =>
        !isIn(FURTHER, pattern) && !all.some((action) => matches(pattern, action) || pattern === action),
    )
    expect(superfluous).toEqual([])
  })

  it('omits the actions that the template does not use, each for a reason that is still true', () => {
    const all = new Set(Object.values(needed).flat())
    for (const [reason, pattern] of Object.entries(UNUSED)) {
      const actions = [...all].filter((action) => pattern.test(action))
      expect(actions, reason).not.toEqual([])
      // The wildcards of the policy are for reading.
      expect(
        actions.filter((action) => isAllowed(action) && !/:(Get|Describe)/.test(action)),
        reason,
      ).toEqual([])
    }
  })
})
