import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { LOCAL_CREDENTIALS } from './embedded-dynamodb.ts'

/** The options of `npm start` for a DynamoDB of the user's own. */
export type OwnDynamoDBOptions = {
  readonly endpoint?: string
  readonly table?: string
  readonly region?: string
}

/** A DynamoDB of the user's own. */
export type OwnDynamoDB = {
  readonly endpoint?: string
  readonly table: string
  readonly region: string
  /** The environment in which the functions find the credentials. */
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Which table it is, and whose credentials read it. */
  readonly description: string
}

/**
 * Finds the region and the credentials, as the AWS CLI does. A local DynamoDB accepts any, so it needs none.
 *
 * @throws {Error} if there are no credentials
 */
export async function findOwnDynamoDB(options: OwnDynamoDBOptions): Promise<OwnDynamoDB> {
  const { endpoint, table = 'apps' } = options
  const client = new DynamoDBClient(options.region ? { region: options.region } : {})
  const region = await client.config.region().catch(() => 'us-east-1')
  const hasCredentials = await client.config.credentials().then(
    () => true,
    () => false,
  )
  client.destroy()
  if (!hasCredentials && !(endpoint && isLoopback(endpoint)))
    throw new Error(
      'No AWS credentials were found. Sign in (aws sso login or aws configure), or set AWS_PROFILE.',
    )
  const place = endpoint ?? `AWS, ${region}`
  return {
    ...(endpoint && { endpoint }),
    table,
    region,
    environment: hasCredentials ? process.env : { ...process.env, ...LOCAL_ENVIRONMENT },
    description: `table ${table} at ${place}, ${hasCredentials ? 'with your AWS credentials' : 'without AWS credentials'}`,
  }
}

/** The environment of the functions on a local DynamoDB. */
export const LOCAL_ENVIRONMENT = {
  AWS_ACCESS_KEY_ID: LOCAL_CREDENTIALS.accessKeyId,
  AWS_SECRET_ACCESS_KEY: LOCAL_CREDENTIALS.secretAccessKey,
} as const

/** Whether a URL is of this machine. */
export function isLoopback(url: string): boolean {
  return /^(localhost|127(\.\d+){3}|\[::1\])$/.test(new URL(url).hostname)
}
