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
    ['APP_MANAGER_DYNAMODB_REGION', 'not a region'],
    ['APP_MANAGER_DYNAMODB_REGION', 'eu-west-1.example'],
    ['AWS_REGION', 'EU'],
    ['PRIME', 'yes'],
  ])('stops the start with a sentence for %s=%s', (name, value) => {
    expect(() => readConfig({ [name]: value })).toThrow(new RegExp(`^${name} must be .*\\.$`))
  })
})
