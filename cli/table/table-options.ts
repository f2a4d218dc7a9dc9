import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { LOCAL_CREDENTIALS } from '../../dev/embedded-dynamodb.ts'
import { isLoopback } from '../../dev/own-dynamodb.ts'
import { type AdminTable, createAdminTable } from './admin-table.ts'

/** The options that select a command's table. */
export type TableOptions = {
  readonly table: string
  readonly region?: string
  readonly endpoint?: string
  readonly profile?: string
}

/** Adds the options that select the table and the credentials. */
export function addTableOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--table <name>', "soketi's table").env('APP_MANAGER_DYNAMODB_TABLE').default('apps'),
    )
    .addOption(
      new Option('--region <region>', 'its region (default: as for the AWS CLI)').env(
        'APP_MANAGER_DYNAMODB_REGION',
      ),
    )
    .addOption(
      new Option('--endpoint <url>', 'the URL of a local DynamoDB instead of AWS')
        .env('APP_MANAGER_DYNAMODB_ENDPOINT')
        .argParser(parseUrl),
    )
    .option('--profile <name>', 'a profile of ~/.aws (default: as for the AWS CLI)')
}

/** A client for these options, with the SDK's default credential chain. `withRetries` retries the requests. */
export function createClient({ region, endpoint, profile }: TableOptions): DynamoDBClient {
  return new DynamoDBClient({
    // A local DynamoDB accepts any region and any credentials.
    ...(region ? { region } : endpoint && { region: 'us-east-1' }),
    ...(endpoint && { endpoint }),
    ...(profile && { profile }),
    ...(endpoint &&
      isLoopback(endpoint) &&
      !profile &&
      !hasOwnCredentials() && { credentials: LOCAL_CREDENTIALS }),
    // The SDK's own second attempt corrects for a wrong clock.
    maxAttempts: 2,
    requestHandler: { connectionTimeout: 3000, requestTimeout: 15_000, throwOnRequestTimeout: true },
  })
}

/** The table of the options. */
export function openTable(options: TableOptions, stopped: AbortSignal): AdminTable {
  return createAdminTable(createClient(options), options.table, stopped)
}

/** An http or https URL as an option's value. */
export function parseUrl(value: string): string {
  const protocol = URL.parse(value)?.protocol
  if (protocol === 'http:' || protocol === 'https:') return value
  throw new InvalidArgumentError('It must be an http or https URL, such as http://127.0.0.1:8000.')
}

function hasOwnCredentials(): boolean {
  return Boolean(process.env.AWS_ACCESS_KEY_ID || process.env.AWS_PROFILE)
}
