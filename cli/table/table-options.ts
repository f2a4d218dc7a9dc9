import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb'
import { getEndpointFromInstructions } from '@smithy/core/endpoints'
import type { Command } from 'commander'
import { LOCAL_CREDENTIALS } from '../../dev/embedded-dynamodb.ts'
import { isLoopback } from '../../dev/own-dynamodb.ts'
import { assertTable, readTableSettings, type TableSettings } from '../../functions/table-settings.ts'
import { EXIT, Failure } from '../terminal/failure.ts'
import { printable } from '../terminal/format.ts'
import { createAgents } from '../terminal/proxy.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { type AdminTable, createAdminTable } from './admin-table.ts'
import { requireProfile } from './profile.ts'

/** The options that select a command's table. */
export type TableOptions = {
  readonly table: string
  readonly region?: string
  readonly endpoint?: string
  readonly profile?: string
}

/** Adds the options that select the table and the credentials. What they leave open comes from soketi's variables. */
export function addTableOptions(command: Command): Command {
  return command
    .option('--table <name>', "soketi's table (default: $SOKETI_APP_MANAGER_DYNAMODB_TABLE, or apps)")
    .option(
      '--region <region>',
      'its region (default: $SOKETI_APP_MANAGER_DYNAMODB_REGION, or as for the AWS CLI)',
    )
    .option(
      '--endpoint <url>',
      'the URL of a local DynamoDB instead of AWS (default: $SOKETI_APP_MANAGER_DYNAMODB_ENDPOINT)',
    )
    .option('--profile <name>', 'a profile of ~/.aws (default: as for the AWS CLI)')
    .hook('preAction', async (_, action) => {
      const options = action.opts<Partial<TableOptions>>()
      const settings = { table: 'apps', ...readSettings(options) }
      for (const [name, value] of Object.entries(settings)) action.setOptionValue(name, value)
      await requireProfile(options.profile)
    })
}

function readSettings(options: TableSettings): TableSettings {
  try {
    const settings = readTableSettings(process.env, options)
    assertTable(settings)
    return settings
  } catch (error) {
    throw new Failure((error as Error).message, EXIT.usage)
  }
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
    requestHandler: {
      ...createAgents({ keepAlive: true }),
      connectionTimeout: 3000,
      requestTimeout: 15_000,
      throwOnRequestTimeout: true,
    },
  })
}

/** The table of the options, for a command that writes to it: says on stderr which one it is. */
export async function openTableToWrite(options: TableOptions, terminal: Terminal): Promise<AdminTable> {
  const client = createClient(options)
  await announceTable(client, options.table, terminal)
  return createAdminTable(client, options.table, terminal.stopped)
}

/** Says on stderr which table a client is about to write to, as the SDK's settings and the options select it. */
export async function announceTable({ config }: DynamoDBClient, name: string, { stderr }: Terminal) {
  const region = await config.region()
  const { url } = await getEndpointFromInstructions({}, GetItemCommand, { ...config })
  stderr.write(`Table ${printable(name)} in ${region}, at ${url.origin}\n`)
}

/** The table of the options, for a command that reads it. */
export function openTable(options: TableOptions, stopped: AbortSignal): AdminTable {
  return createAdminTable(createClient(options), options.table, stopped)
}

function hasOwnCredentials(): boolean {
  return Boolean(process.env.AWS_ACCESS_KEY_ID || process.env.AWS_PROFILE)
}
