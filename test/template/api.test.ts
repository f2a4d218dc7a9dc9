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

  it('asks the authorizer on every route, by the Authorization header, and keeps its word for 300 s', () => {
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

  it('logs who asked, and neither the path nor a header', () => {
    const settings = resolve().get('Api')?.Properties.AccessLogSettings as { Format: string } | undefined
    const variables = Object.values(JSON.parse(settings?.Format ?? '{}')) as string[]
    expect(variables).toContain('$context.authorizer.consumer')
    expect(variables.filter((variable) => /path|header|querystring/i.test(variable))).toEqual([])
  })
})
