import { describe, expect, it } from 'vitest'
import { readConfig } from '../../functions/config.ts'

describe('readConfig', () => {
  it("has soketi's defaults for the table", () => {
    expect(readConfig({})).toMatchObject({ tableName: 'apps', region: 'us-east-1', endpoint: undefined })
  })

  it("falls back to the function's own region", () => {
    expect(readConfig({ AWS_REGION: 'eu-west-1' }).region).toBe('eu-west-1')
    expect(readConfig({ AWS_REGION: 'eu-west-1', APP_MANAGER_DYNAMODB_REGION: 'sa-east-1' }).region).toBe(
      'sa-east-1',
    )
  })

  it('treats an empty variable as absent', () => {
    expect(readConfig({ APP_MANAGER_DYNAMODB_ENDPOINT: '', APP_MANAGER_DYNAMODB_TABLE: ' ' })).toMatchObject({
      endpoint: undefined,
      tableName: 'apps',
    })
  })

  it('reads each variable of the table with the prefix of soketi 1.x too', () => {
    const variables = { TABLE: 'imports', REGION: 'eu-west-1', ENDPOINT: 'http://127.0.0.1:8000' }
    const config = { tableName: 'imports', region: 'eu-west-1', endpoint: 'http://127.0.0.1:8000' }
    for (const prefixes of [['SOKETI_'], [''], ['SOKETI_', '']]) {
      const names = (suffix: string) => prefixes.map((prefix) => `${prefix}APP_MANAGER_DYNAMODB_${suffix}`)
      const pairs = Object.entries(variables).flatMap(([suffix, value]) =>
        names(suffix).map((name) => [name, value]),
      )
      expect(readConfig(Object.fromEntries(pairs))).toMatchObject(config)
    }
  })

  it('rejects two variables of one setting that differ', () => {
    const both = { SOKETI_APP_MANAGER_DYNAMODB_TABLE: 'imports', APP_MANAGER_DYNAMODB_TABLE: 'apps' }
    expect(() => readConfig(both)).toThrow(
      'SOKETI_APP_MANAGER_DYNAMODB_TABLE and APP_MANAGER_DYNAMODB_TABLE are both set, and differ. Remove one of them.',
    )
    expect(readConfig({ ...both, APP_MANAGER_DYNAMODB_TABLE: ' ' }).tableName).toBe('imports')
  })

  it('has the documented timeouts and TTLs', () => {
    expect(readConfig({})).toMatchObject({
      connectTimeoutMs: 300,
      attemptTimeoutMs: 700,
      deadlineMs: 2000,
      maxAttempts: 3,
      appTtlMs: 10_000,
      negativeTtlMs: 2000,
    })
  })

  it.each([
    ['APP_CACHE_TTL_SECONDS', '-1'],
    ['APP_CACHE_TTL_SECONDS', '1.5'],
    ['NEGATIVE_CACHE_TTL_SECONDS', 'soon'],
    ['CACHE_MAX_APPS', '0'],
    ['DYNAMODB_DEADLINE_MS', 'Infinity'],
    ['APP_MANAGER_DYNAMODB_ENDPOINT', 'localhost:8000'],
    ['APP_MANAGER_DYNAMODB_ENDPOINT', 'ftp://localhost'],
    ['AWS_ENDPOINT_URL', 'localhost:8000'],
    ['AWS_ENDPOINT_URL_DYNAMODB', 'localhost:8000'],
    ['APP_MANAGER_DYNAMODB_REGION', 'not a region'],
    ['APP_MANAGER_DYNAMODB_REGION', 'eu-west-1.example'],
    ['AWS_REGION', 'EU'],
    ['PRIME', 'yes'],
  ])('stops the start with a sentence for %s=%s', (name, value) => {
    expect(() => readConfig({ [name]: value })).toThrow(new RegExp(`^${name} must be .*\\.$`))
  })
})
