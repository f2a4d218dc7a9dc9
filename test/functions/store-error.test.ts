import { describe, expect, it, vi } from 'vitest'
import { createTable } from '../../functions/apps/table.ts'
import { readConfig } from '../../functions/config.ts'
import { createDynamoDBClient } from '../../functions/dynamodb/client.ts'
import { storeError } from '../../functions/dynamodb/store-error.ts'

const failure = (properties: object) => Object.assign(new Error('about a secret'), properties)

describe('an error of the store', () => {
  it.each([
    [{ code: 'ENOTFOUND' }, 'store-misconfigured'],
    [{ code: 'EAI_AGAIN' }, 'store-unavailable'],
    [{ code: 'ECONNREFUSED' }, 'store-unavailable'],
    [{ name: 'ThrottlingException' }, 'store-throttled'],
    [{ name: 'SyntaxError', $metadata: { httpStatusCode: 429 } }, 'store-throttled'],
    [{ name: 'ValidationException' }, 'store-misconfigured'],
    [{ name: 'SomethingNew' }, 'store-unavailable'],
  ])('%j becomes %s, without its message', (properties, code) => {
    const error = storeError(failure(properties), 2)
    expect(error).toMatchObject({ code, logFields: { attempts: 2 } })
    expect(JSON.stringify([error, error.message])).not.toContain('secret')
  })

  it.each([
    [{ AWS_ACCOUNT_ID: '1234 5678' }, 'AWS_ACCOUNT_ID'],
    [{ AWS_ACCOUNT_ID_ENDPOINT_MODE: 'required' }, 'AWS_ACCOUNT_ID_ENDPOINT_MODE and AWS_ACCOUNT_ID'],
    [
      { AWS_USE_FIPS_ENDPOINT: 'true', APP_MANAGER_DYNAMODB_ENDPOINT: 'http://127.0.0.1:9' },
      'AWS_USE_FIPS_ENDPOINT and APP_MANAGER_DYNAMODB_ENDPOINT (or AWS_ENDPOINT_URL)',
    ],
    [
      { AWS_USE_DUALSTACK_ENDPOINT: 'true', APP_MANAGER_DYNAMODB_ENDPOINT: 'http://127.0.0.1:9' },
      'AWS_USE_DUALSTACK_ENDPOINT and APP_MANAGER_DYNAMODB_ENDPOINT (or AWS_ENDPOINT_URL)',
    ],
  ])('names the settings that can not work: %j', async (environment, settings) => {
    const names = { AWS_ACCESS_KEY_ID: 'local', AWS_SECRET_ACCESS_KEY: 'local', ...environment }
    for (const [name, value] of Object.entries(names)) vi.stubEnv(name, value)
    const table = createTable(createDynamoDBClient(readConfig(environment)), 'apps')
    await expect(table.findById('a', { deadline: Date.now() + 1000 })).rejects.toMatchObject({
      code: 'store-misconfigured',
      message: `DynamoDB has no endpoint for the setting ${settings}: correct or remove it.`,
    })
  })

  it('may be a value that is not an Error', () => {
    expect(storeError('text', 1)).toMatchObject({
      code: 'store-unavailable',
      logFields: { storeError: 'string' },
    })
  })
})
