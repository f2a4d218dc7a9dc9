import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { LOCAL_CREDENTIALS } from '../dev/embedded-dynamodb.ts'
import { type AdminTable, createAdminTable } from './admin-table.ts'

/** Which table a command works on, as its options say. */
export type TableOptions = {
  readonly table: string
  readonly region?: string
  readonly endpoint?: string
  readonly profile?: string
}

/** Adds the options that say which table, and with whose credentials. */
export function withTable(command: Command): Command {
  return command
    .addOption(
      new Option('--table <name>', "soketi's table").env('APP_MANAGER_DYNAMODB_TABLE').default('apps'),
    )
    .addOption(
      new Option('--region <region>', 'its region; else as the AWS CLI finds it').env(
        'APP_MANAGER_DYNAMODB_REGION',
      ),
    )
    .addOption(
      new Option('--endpoint <url>', 'a local DynamoDB instead of AWS')
        .env('APP_MANAGER_DYNAMODB_ENDPOINT')
        .argParser(parseUrl),
    )
    .option(
      '--profile <name>',
      'a profile of ~/.aws; else AWS_PROFILE, SSO, roles, as the AWS CLI finds them',
    )
}

/** A client for these options, with AWS's full chain of credentials. Retries are the business of `persist`. */
export function createClient({ region, endpoint, profile }: TableOptions): DynamoDBClient {
  return new DynamoDBClient({
    // A local DynamoDB takes any region, and any credentials if none are at hand.
    ...(region ? { region } : endpoint && { region: 'us-east-1' }),
    ...(endpoint && { endpoint }),
    ...(profile && { profile }),
    ...(endpoint &&
      isLoopback(endpoint) &&
      !profile &&
      !hasOwnCredentials() && { credentials: LOCAL_CREDENTIALS }),
    // The second attempt is the SDK's: it is how a clock that is wrong gets corrected.
    maxAttempts: 2,
    requestHandler: { connectionTimeout: 3000, requestTimeout: 15_000, throwOnRequestTimeout: true },
  })
}

/** The table that the options name. */
export function openTable(options: TableOptions, stopped: AbortSignal): AdminTable {
  return createAdminTable(createClient(options), options.table, stopped)
}

/** Whether a URL leads to this machine. */
export function isLoopback(url: string): boolean {
  return /^(localhost|127(\.\d+){3}|\[::1\])$/.test(new URL(url).hostname)
}

/** An http or https URL as an option's value. */
export function parseUrl(value: string): string {
  const protocol = URL.parse(value)?.protocol
  if (protocol === 'http:' || protocol === 'https:') return value
  throw new InvalidArgumentError('It must be an http or https URL, for example http://127.0.0.1:8000.')
}

function hasOwnCredentials(): boolean {
  return Boolean(process.env.AWS_ACCESS_KEY_ID || process.env.AWS_PROFILE)
}
