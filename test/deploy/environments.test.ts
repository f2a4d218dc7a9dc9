import { readFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { afterAll, describe, expect, it } from 'vitest'
import { yamlParse } from 'yaml-cfn'
import { type Resource, resolveTemplate } from '../../dev/cloudformation.ts'
import { TEMPLATE_TEXT } from '../template/resolved.ts'
import { ENVIRONMENTS, TRANSLATED, writeTemplates } from './environments.ts'
import { lint } from './python-tools.ts'

const EXPLAINED: readonly string[] = yamlParse(readFileSync('.checkov.yaml', 'utf8'))['skip-check']

/** SAM resolves this mapping itself, so the translated template does not use it or its parameter. */
const LEFT_OVER = ['Parameter DeploymentPreference not used.', "Mapping 'Gradual' is defined but not used"]

const folder = await writeTemplates()
afterAll(() => rm(folder, { recursive: true }))

/** The resources of an environment, as CloudFormation creates them in its region. */
function resourcesOf(name: string): ReadonlyMap<string, Resource> {
  const { template, region } = TRANSLATED[name] ?? { template: {} }
  return resolveTemplate(JSON.stringify(template), region ? { 'AWS::Region': region } : {})
}

/** How many resources of each type there are. */
function countTypes(resources: ReadonlyMap<string, Resource>): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { Type } of resources.values()) counts[Type] = (counts[Type] ?? 0) + 1
  return counts
}

const TAG = { project: 'soketi-app-lookup' }
const replicasOf = (name: string) =>
  (resourcesOf(name).get('AppsTable')?.Properties.Replicas ?? []) as { Region: string; Tags: object[] }[]
const regionsOf = (name: string) => replicasOf(name).map(({ Region }) => Region)

describe.each(Object.keys(TRANSLATED))('the environment %s', (name) => {
  it.concurrent('becomes CloudFormation in which cfn-lint finds only what SAM causes', async () => {
    const region = TRANSLATED[name]?.region ?? 'us-east-1'
    const args = ['--format', 'json', '--regions', region, '-t', `${folder}/${name}.json`]
    const findings: { Message: string }[] = JSON.parse((await lint('cfn-lint', args)).says)
    expect(findings.map(({ Message }) => Message)).toEqual(LEFT_OVER)
  })

  it('has every resource of template.yaml, and those that SAM generates for its functions', () => {
    const { counts, functions, aliases, routes, streams } = declaredFor(name)
    const types = countTypes(resourcesOf(name))
    expect(types).toEqual({
      ...counts,
      'AWS::ApiGatewayV2::Api': 1,
      'AWS::ApiGatewayV2::Stage': 1,
      'AWS::Lambda::Function': functions,
      // Permissions of the API, for each route and for the authorizer.
      'AWS::Lambda::Permission': routes + 1,
      'AWS::Lambda::Version': aliases,
      'AWS::Lambda::Alias': aliases,
      ...(streams > 0 && { 'AWS::Lambda::EventSourceMapping': streams }),
      ...(name === 'everything' && {
        'AWS::CodeDeploy::Application': 1,
        'AWS::CodeDeploy::DeploymentGroup': aliases,
      }),
    })
  })

  it('has a separate role and log group for each function', () => {
    const resources = resourcesOf(name)
    for (const [id, { Type, Properties }] of resources)
      if (Type === 'AWS::Lambda::Function')
        expect(Properties).toMatchObject({
          Role: `${id}Role.Arn`,
          LoggingConfig: { LogGroup: `${id}LogGroup`, LogFormat: 'JSON', SystemLogLevel: 'WARN' },
        })
  })

  it('reads the table of its region, with roles for that table only', () => {
    const { region } = TRANSLATED[name] ?? {}
    const resources = resourcesOf(name)
    for (const id of ['FindAppById', 'FindAppByKey', 'LookupApps']) {
      const Variables = { APP_MANAGER_DYNAMODB_REGION: region ?? 'us-east-1' }
      expect(resources.get(id)?.Properties).toMatchObject({ Environment: { Variables } })
      expect(JSON.stringify(resources.get(`${id}Role`))).toContain(`:dynamodb:${region ?? 'us-east-1'}:`)
    }
  })

  it('calls the authorizer for every route, and routes each to an alias', () => {
    const Body = resourcesOf(name).get('Api')?.Properties.Body as
      | { paths: Record<string, Record<string, Operation>> }
      | undefined
    const operations = Object.values(Body?.paths ?? {}).flatMap((path) => Object.values(path))
    expect(operations).toHaveLength(declaredFor(name).routes)
    for (const operation of operations) {
      expect(operation.security).toEqual([{ TokenAuthorizer: [] }])
      expect(operation['x-amazon-apigateway-integration'].uri).toMatch(
        /:lambda:path\/2015-03-31\/functions\/\w+Aliaslive\/invocations$/,
      )
    }
  })
})

type Operation = { security: object[]; 'x-amazon-apigateway-integration': { uri: string } }

/** The resources of template.yaml for the parameters of an environment, by type, and how SAM translates them. */
function declaredFor(name: string) {
  const resources = resolveTemplate(TEMPLATE_TEXT, TRANSLATED[name]?.parameters ?? {})
  const functions = [...resources.values()].filter(({ Type }) => Type === 'AWS::Serverless::Function')
  const events = functions.flatMap(({ Properties }) =>
    Object.values((Properties.Events ?? {}) as Record<string, { Type: string }>),
  )
  const { 'AWS::Serverless::Function': _, 'AWS::Serverless::HttpApi': __, ...counts } = countTypes(resources)
  return {
    counts,
    functions: functions.length,
    aliases: functions.filter(({ Properties }) => 'AutoPublishAlias' in Properties).length,
    routes: events.filter(({ Type }) => Type === 'HttpApi').length,
    streams: events.filter(({ Type }) => Type === 'DynamoDB').length,
  }
}

describe('checkov', () => {
  it('finds in each environment exactly the checks that .checkov.yaml explains', async () => {
    // In a folder without a configuration, so that explained findings are found too.
    const args = ['--framework', 'cloudformation', '--skip-download', '-o', 'json', '-d', '.']
    const { results, summary } = JSON.parse((await lint('checkov', args, folder)).says)
    expect(summary).toMatchObject({ parsing_errors: 0 })
    const findings = results.failed_checks as { check_id: string; file_path: string }[]
    for (const name of Object.keys(TRANSLATED)) {
      const found = findings.filter(({ file_path }) => file_path === `/${name}.json`)
      expect([...new Set(found.map(({ check_id }) => check_id))].sort()).toEqual([...EXPLAINED].sort())
    }
  })

  it('accepts .checkov.yaml', async () => {
    const { code, says } = await lint('checkov', ['-f', 'template.yaml'])
    expect({ code, says }).toEqual({ code: 0, says: expect.stringContaining('Failed checks: 0') })
  })
})

describe('samconfig.toml', () => {
  it('has environments for one region, for two regions with one global table, and for this machine', () => {
    expect(Object.keys(ENVIRONMENTS).sort()).toEqual(['default', 'eu-west-1', 'local', 'us-east-1'])
  })

  it('creates a table in one region', () => {
    expect(regionsOf('default')).toEqual(['us-east-1'])
  })

  it('creates a global table with a replica for each further environment, which creates no table', () => {
    expect(regionsOf('eu-west-1')).toEqual(['eu-west-1', 'us-east-1'])
    expect(ENVIRONMENTS['us-east-1']?.region).toBe('us-east-1')
    expect(regionsOf('us-east-1')).toEqual([])
  })

  it('tags every deployed resource, and the table in every region', () => {
    for (const name of ['default', 'eu-west-1', 'us-east-1']) {
      expect(ENVIRONMENTS[name]?.tags).toEqual(TAG)
      for (const { Tags } of replicasOf(name)) expect(Tags).toEqual([{ Key: 'project', Value: TAG.project }])
    }
  })
})
