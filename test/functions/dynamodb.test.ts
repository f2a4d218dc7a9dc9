import { GetItemCommand } from '@aws-sdk/client-dynamodb'
import { describe, expect, it } from 'vitest'
import { readConfig } from '../../functions/config.ts'
import { createDynamoDBClient, removeMiddleware } from '../../functions/dynamodb/client.ts'

const client = createDynamoDBClient(readConfig({}))

describe('the DynamoDB client', () => {
  it('has exactly these middleware steps', () => {
    // Fails if a release of the SDK renames, adds or removes a step of the middleware stack.
    const command = new GetItemCommand({ TableName: 'apps', Key: {} })
    command.resolveMiddleware(client.middlewareStack, client.config, {})
    const steps = client.middlewareStack.concat(command.middlewareStack as never).identify()
    expect(steps.map((step) => step.replace(/ \(a\.k\.a\..*\)/, ''))).toEqual([
      'httpAuthSchemeMiddleware - serialize',
      'endpointV2Middleware - serialize',
      'serializerMiddleware - serialize',
      'contentLengthMiddleware - build',
      'userAgent - build',
      'hostHeaderMiddleware - build',
      'recursionDetectionMiddleware - build',
      'retryMiddleware - finalizeRequest',
      'httpSigningMiddleware - finalizeRequest',
      'deserializerMiddleware - deserialize',
      'call - deserialize',
    ])
  })

  it('throws if the SDK has renamed a middleware that it removes', () => {
    expect(() => removeMiddleware(client, 'loggerMiddleware')).toThrow(/no middleware loggerMiddleware/)
  })
})
