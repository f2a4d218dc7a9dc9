import { CreateTableCommand, type DynamoDBClient, waitUntilTableExists } from '@aws-sdk/client-dynamodb'
import { readStack } from '../../dev/stack.ts'
import { APP_KEY_INDEX } from '../../functions/apps/table.ts'
import { withRetries } from '../table/retry.ts'
import { addTableOptions, announceTable, createClient, type TableOptions } from '../table/table-options.ts'
import { compareTable } from '../table/table-requirements.ts'
import { describeTable, turnOnPointInTimeRecovery } from '../table/table-state.ts'
import { createOutput } from '../terminal/command-output.ts'
import { EXIT, Failure } from '../terminal/failure.ts'
import { formatDetails, formatTable } from '../terminal/format.ts'
import type { AddCommand } from './add-command.ts'

type Options = TableOptions & { readonly json?: boolean }

/** `table create`, `table describe` and `table compare`. */
export const addTable: AddCommand = (program, terminal) => {
  const table = program.command('table').summary('create, describe or compare the table')
  table.description(
    "soketi's table of apps, as template.yaml defines it, for those who manage the table without the stack.",
  )
  addCreate(table, terminal)
  addDescribe(table, terminal)
  addCompare(table, terminal)
  return table
}

const MAX_WAIT_S = 600

const addCreate: AddCommand = (table, terminal) =>
  addTableOptions(
    table
      .command('create')
      .summary('create the table')
      .description(
        `Creates the table with its index ${APP_KEY_INDEX}, on-demand capacity, deletion protection, a stream and point-in-time recovery, and waits until it is active. An existing table is not changed.`,
      ),
  )
    .addHelpText('after', '\nExample:\n  npx soketi-apps table create --region eu-west-1 --profile admin')
    .action(async (options: Options) => {
      const client = createClient(options)
      await announceTable(client, options.table, terminal)
      const { stopped } = terminal
      const output = createOutput(terminal, options)
      const command = new CreateTableCommand({
        ...readStack({}).table,
        TableName: options.table,
        DeletionProtectionEnabled: true,
        StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' },
      })
      await withRetries(() => client.send(command), stopped)
      await waitForTable(client, options.table, stopped)
      const pointInTimeRecovery = await turnOnPointInTimeRecovery(client, options.table, stopped)
      output.result(
        { table: options.table, pointInTimeRecovery },
        () => `Created the table ${options.table}.`,
      )
      if (pointInTimeRecovery === 'unsupported')
        output.note('This DynamoDB does not support point-in-time recovery.')
      if (pointInTimeRecovery === 'unknown')
        output.note('Point-in-time recovery could not be turned on. For the command, run table compare.')
    })

async function waitForTable(client: DynamoDBClient, name: string, stopped: AbortSignal): Promise<void> {
  try {
    const wait = { client, maxWaitTime: MAX_WAIT_S, minDelay: 1, abortSignal: stopped }
    await waitUntilTableExists(wait, { TableName: name })
  } catch (error) {
    if (!stopped.aborted) throw error
    throw new Failure(
      'Stopped by Ctrl-C. DynamoDB is still creating the table, without point-in-time recovery. To see its state, run table compare.',
      EXIT.stopped,
    )
  }
}

const addDescribe: AddCommand = (table, terminal) =>
  addTableOptions(
    table
      .command('describe')
      .summary('describe the table')
      .description(
        'Describes the table, without its items. DynamoDB updates the count and the size every six hours.',
      ),
  )
    .addHelpText('after', '\nExample:\n  npx soketi-apps table describe --table apps --region eu-west-1')
    .action(async (options: Options) => {
      const state = await describeTable(createClient(options), options.table, terminal.stopped)
      const { table: description } = state
      createOutput(terminal, options).result(state, () =>
        formatDetails([
          ['name', description.TableName],
          ['ARN', description.TableArn],
          ['status', description.TableStatus],
          ['items', description.ItemCount],
          ['size', `${description.TableSizeBytes ?? 0} bytes`],
          [
            'indexes',
            description.GlobalSecondaryIndexes?.map(
              ({ IndexName, IndexStatus }) => `${IndexName} (${IndexStatus ?? 'unknown'})`,
            ).join(', '),
          ],
          ['billing mode', description.BillingModeSummary?.BillingMode ?? 'PROVISIONED'],
          [
            'replicas',
            description.Replicas?.map(
              ({ RegionName, ReplicaStatus }) => `${RegionName} (${ReplicaStatus})`,
            ).join(', '),
          ],
          ['deletion protection', description.DeletionProtectionEnabled],
          ['point-in-time recovery', state.pointInTimeRecovery],
        ]),
      )
    })

const addCompare: AddCommand = (table, terminal) =>
  addTableOptions(
    table
      .command('compare')
      .summary('compare the table with template.yaml')
      .description(
        'Compares the table with the one in template.yaml, and prints how to correct each difference. Fails only if lookups would not work; the rest are recommendations.',
      ),
  )
    .addHelpText('after', '\nExample:\n  npx soketi-apps table compare')
    .action(async (options: Options) => {
      const state = await describeTable(createClient(options), options.table, terminal.stopped)
      const requirements = compareTable(state)
      createOutput(terminal, options).result(requirements, () =>
        [
          formatTable(
            ['', 'expected', 'current'],
            requirements.map(({ what, state, current }) => [state, what, current]),
          ),
          ...requirements.flatMap(({ what, state, fix }) => (fix ? [`\n${state}: ${what}\n  ${fix}`] : [])),
        ].join('\n'),
      )
      const missing = requirements
        .filter(({ state }) => state === 'missing')
        .map(({ what }) => what.split(':')[0])
      if (missing.length > 0)
        throw new Failure(`The table ${options.table} does not work for ${missing.join(' and ')}.`)
    })
