import { readFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { afterAll, describe, expect, it } from 'vitest'
import { yamlParse } from 'yaml-cfn'
import { type Resource, resolveTemplate } from '../../../dev/cloudformation.ts'
import { ENVIRONMENTS, lint, writeTemplates } from './environments.ts'

const EXPLAINED: readonly string[] = yamlParse(readFileSync('.checkov.yaml', 'utf8'))['skip-check']

const folder = await writeTemplates()
afterAll(() => rm(folder, { recursive: true }))

/** An environment's resources, as CloudFormation makes them in its region. */
function resourcesOf(name: string): ReadonlyMap<string, Resource> {
  const { template, region } = ENVIRONMENTS[name] ?? { template: {} }
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

describe.each(Object.keys(ENVIRONMENTS))('the environment %s', (name) => {
  it.concurrent('becomes CloudFormation that cfn-lint has nothing to say about', async () => {
    const region = ENVIRONMENTS[name]?.region ?? 'us-east-1'
    const { code, says } = await lint('cfn-lint', ['--regions', region, '-t', `${folder}/${name}.json`])
    expect({ code, says }).toEqual({ code: 0, says: '' })
  })

  it('has the API, its four functions with a role and a log each, and what an operator sees', () => {
    const { 'AWS::DynamoDB::GlobalTable': _, ...types } = countTypes(resourcesOf(name))
    expect(types).toEqual({
      'AWS::ApiGatewayV2::Api': 1,
      'AWS::ApiGatewayV2::Stage': 1,
      'AWS::Lambda::Function': 4,
      'AWS::Lambda::Permission': 4,
      'AWS::IAM::Role': 4,
      'AWS::Logs::LogGroup': 5,
      'AWS::Logs::MetricFilter': 1,
      'AWS::Logs::QueryDefinition': 7,
      'AWS::CloudWatch::Alarm': 11,
      'AWS::CloudWatch::Dashboard': 1,
    })
  })

  it("reads its own region's table, under roles for that table", () => {
    const { region } = ENVIRONMENTS[name] ?? {}
    const resources = resourcesOf(name)
    for (const id of ['FindAppById', 'FindAppByKey', 'LookupApps']) {
      const Variables = { APP_MANAGER_DYNAMODB_REGION: region ?? 'us-east-1' }
      expect(resources.get(id)?.Properties).toMatchObject({ Environment: { Variables } })
      expect(JSON.stringify(resources.get(`${id}Role`))).toContain(`:dynamodb:${region ?? 'us-east-1'}:`)
    }
  })

  it('asks the authorizer before every route', () => {
    const Body = resourcesOf(name).get('Api')?.Properties.Body as
      | { paths: Record<string, object> }
      | undefined
    const operations = Object.values(Body?.paths ?? {}).flatMap((path) => Object.values(path))
    expect(operations).toHaveLength(3)
    for (const operation of operations)
      expect(operation).toMatchObject({ security: [{ TokenAuthorizer: [] }] })
  })
})

describe('checkov', () => {
  it('finds in each environment exactly what .checkov.yaml explains', async () => {
    // In a folder without a configuration, so that what is explained is found too.
    const args = ['--framework', 'cloudformation', '--skip-download', '-o', 'json', '-d', '.']
    const { results, summary } = JSON.parse((await lint('checkov', args, folder)).says)
    expect(summary).toMatchObject({ parsing_errors: 0 })
    const findings = results.failed_checks as { check_id: string; file_path: string }[]
    for (const name of Object.keys(ENVIRONMENTS)) {
      const found = findings.filter(({ file_path }) => file_path === `/${name}.json`)
      expect([...new Set(found.map(({ check_id }) => check_id))].sort()).toEqual([...EXPLAINED].sort())
    }
  })

  it('takes .checkov.yaml as it is', async () => {
    const { code, says } = await lint('checkov', ['-f', 'template.yaml'])
    expect({ code, says }).toEqual({ code: 0, says: expect.stringContaining('Failed checks: 0') })
  })
})

describe('samconfig.toml', () => {
  it('has one region, two regions with one global table, and this machine', () => {
    expect(Object.keys(ENVIRONMENTS).sort()).toEqual(['default', 'eu-west-1', 'local', 'us-east-1'])
  })

  it('makes a table in one region', () => {
    expect(regionsOf('default')).toEqual(['us-east-1'])
  })

  it('has a global table with a replica in each further environment, which makes none of its own', () => {
    expect(regionsOf('eu-west-1')).toEqual(['eu-west-1', 'us-east-1'])
    expect(ENVIRONMENTS['us-east-1']?.region).toBe('us-east-1')
    expect(regionsOf('us-east-1')).toEqual([])
  })

  it('tags what is deployed, and the table in every region', () => {
    for (const name of ['default', 'eu-west-1', 'us-east-1']) {
      expect(ENVIRONMENTS[name]?.tags).toEqual(TAG)
      for (const { Tags } of replicasOf(name)) expect(Tags).toEqual([{ Key: 'project', Value: TAG.project }])
    }
  })
})
