import { DescribeTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb'
import type { TableSettings } from '../functions/table-settings.ts'
import { type ClientOptions, LOCAL_CREDENTIALS } from './embedded-dynamodb.ts'

/** The options of `npm start` for the user's own DynamoDB. */
export type OwnDynamoDBOptions = TableSettings & {
  /** Whether to keep a change feed of the table. */
  readonly feed?: boolean
}

/** The user's own DynamoDB. */
export type OwnDynamoDB = {
  readonly endpoint?: string
  readonly table: string
  readonly region: string
  /** The functions' environment variables for the credentials. */
  readonly environment: Readonly<Record<string, string | undefined>>
  /** The settings of its clients. */
  readonly client: ClientOptions
  /** The table's stream, if it has a change feed. */
  readonly streamArn: string | undefined
  /** A description of the table and of the credentials. */
  readonly description: string
}

/**
 * Finds the region and the credentials, as the AWS CLI does. A local DynamoDB accepts any credentials, so it needs none.
 *
 * @throws {Error} if there are no credentials, or no stream for a change feed
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
  const clientOptions: ClientOptions = {
    region,
    ...(endpoint && { endpoint }),
    ...(!hasCredentials && { credentials: LOCAL_CREDENTIALS }),
  }
  return {
    ...(endpoint && { endpoint }),
    client: clientOptions,
    streamArn: options.feed ? await findStream(clientOptions, table) : undefined,
    table,
    region,
    environment: { ...WITHOUT_SOKETI, ...(!hasCredentials && LOCAL_ENVIRONMENT) },
    description: `table ${table} at ${place}, ${hasCredentials ? 'with your AWS credentials' : 'without AWS credentials'}`,
  }
}

// The template sets the table of the functions; these variables would contradict it.
const WITHOUT_SOKETI = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !name.startsWith('SOKETI_APP_MANAGER_DYNAMODB_')),
)

async function findStream(clientOptions: ClientOptions, table: string): Promise<string> {
  const client = new DynamoDBClient(clientOptions)
  try {
    const { Table } = await client.send(new DescribeTableCommand({ TableName: table }))
    if (Table?.StreamSpecification?.StreamEnabled && Table.LatestStreamArn) return Table.LatestStreamArn
  } catch (error) {
    const { name, message } = error as Error
    throw new Error(
      name === 'ResourceNotFoundException'
        ? `There is no table ${table} at ${clientOptions.endpoint}. Create it: npx soketi-apps table create --table ${table} --endpoint ${clientOptions.endpoint}`
        : `Table ${table} could not be described at ${clientOptions.endpoint}: ${message}`,
    )
  } finally {
    client.destroy()
  }
  throw new Error(
    `Table ${table} has no stream, which a change feed needs. Turn it on: aws dynamodb update-table --table-name ${table} --stream-specification StreamEnabled=true,StreamViewType=NEW_AND_OLD_IMAGES`,
  )
}

/** The environment of the functions on a local DynamoDB. */
export const LOCAL_ENVIRONMENT = {
  AWS_ACCESS_KEY_ID: LOCAL_CREDENTIALS.accessKeyId,
  AWS_SECRET_ACCESS_KEY: LOCAL_CREDENTIALS.secretAccessKey,
} as const

/** Whether a URL is on this machine. */
export function isLoopback(url: string): boolean {
  return /^(localhost|127(\.\d+){3}|\[::1\])$/.test(new URL(url).hostname)
}
