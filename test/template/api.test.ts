import { describe, expect, it } from 'vitest'
import { readStack } from '../../dev/stack.ts'
import { OPENAPI } from '../support/openapi.ts'
import { resolve } from './resolved.ts'

describe('the API', () => {
  it('has the routes of openapi.yaml', () => {
    const documented = Object.entries(OPENAPI.paths).flatMap(([path, operations]) =>
      Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`),
    )
    const routes = readStack({}).routes.map(({ method, path }) => `${method} ${path}`)
    expect(routes.sort()).toEqual(documented.sort())
  })

  it('calls the authorizer on every route, by the Authorization header, and caches its result for 300 s', () => {
    expect(readStack({}).authorizer).toEqual({
      functionName: 'Authorize',
      header: 'authorization',
      ttlMs: 300_000,
    })
    expect(resolve().get('Api')?.Properties.Auth).toMatchObject({ DefaultAuthorizer: 'TokenAuthorizer' })
  })

  it("logs to a group that does not count against the account's limit on log resource policies", () => {
    expect(resolve().get('ApiLogGroup')?.Properties.LogGroupName).toBe('/aws/vendedlogs/apigateway/local')
  })

  it('logs the consumer, and neither the path nor a header', () => {
    const settings = resolve().get('Api')?.Properties.AccessLogSettings as { Format: string } | undefined
    const variables = Object.values(JSON.parse(settings?.Format ?? '{}')) as string[]
    expect(variables).toContain('$context.authorizer.consumer')
    expect(variables.filter((variable) => /path|header|querystring/i.test(variable))).toEqual([])
  })
})

describe("the API's own domain", () => {
  const ADDRESS = 'lookup.example.com'
  const CertificateId = '01234567-89ab-cdef-0123-456789abcdef'
  const HostedZoneId = 'Z0123456789ABCDEFGHIJ'
  const named = { DomainName: ADDRESS, CertificateId }
  const isOff = (parameters: Record<string, string>) =>
    resolve(parameters).get('Api')?.Properties.DisableExecuteApiEndpoint

  it('is none by default, and the execute-api address is the only one', () => {
    for (const id of ['Domain', 'DomainMapping', 'DomainRecord']) expect(resolve().has(id)).toBe(false)
    expect(isOff({})).toBe(false)
  })

  it('maps to the API with its certificate, and turns the execute-api address off', () => {
    const resources = resolve(named)
    expect(resources.get('Domain')?.Properties).toEqual({
      DomainName: ADDRESS,
      DomainNameConfigurations: [
        {
          CertificateArn: `arn:aws:acm:us-east-1:123456789012:certificate/${CertificateId}`,
          EndpointType: 'REGIONAL',
          SecurityPolicy: 'TLS_1_2',
        },
      ],
    })
    expect(resources.get('DomainMapping')?.Properties).toEqual({
      DomainName: 'Domain',
      ApiId: 'Api',
      Stage: 'Api.Stage',
    })
    expect(resources.has('DomainRecord')).toBe(false)
    expect(isOff(named)).toBe(true)
    expect(isOff({ ...named, KeepExecuteApiEndpoint: 'on' })).toBe(false)
  })

  it('gets a record in its hosted zone, alone or as one of a region', () => {
    const record = (parameters: Record<string, string>) =>
      resolve({ ...named, HostedZoneId, 'AWS::Region': 'eu-west-1', ...parameters }).get('DomainRecord')
        ?.Properties
    const alone = {
      Name: ADDRESS,
      HostedZoneId,
      Type: 'A',
      AliasTarget: { DNSName: 'Domain.RegionalDomainName', HostedZoneId: 'Domain.RegionalHostedZoneId' },
    }
    expect(record({})).toEqual(alone)
    expect(record({ LatencyRouting: 'on' })).toEqual({
      ...alone,
      Region: 'eu-west-1',
      SetIdentifier: 'eu-west-1',
    })
  })
})
