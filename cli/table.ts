import {
  CreateTableCommand,
  DescribeContinuousBackupsCommand,
  DescribeTableCommand,
  type DynamoDBClient,
  UpdateContinuousBackupsCommand,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb'
import { readStack } from '../dev/stack.ts'
import { APP_KEY_INDEX } from '../functions/table.ts'
import type { AddCommand } from './command.ts'
import { EXIT, Failure } from './failure.ts'
import { counted, createOutput, formatFacts, formatTable } from './output.ts'
import { persist } from './retry.ts'
import { compareTable, type TableState } from './table-needs.ts'
import { createClient, type TableOptions, withTable } from './table-options.ts'
import type { Terminal } from './terminal.ts'

type Options = TableOptions & { readonly json?: boolean }

/** `table create`, `table describe` and `table compare`. */
export const addTable: AddCommand = (program, terminal) => {
  const table = program.command('table').summary('create, describe or compare the table')
  table.description(
    "soketi's table of apps: what template.yaml makes, for who has a table without the stack.",
  )
  addCreate(table, terminal)
  addDescribe(table, terminal)
  addCompare(table, terminal)
  return table
}

const MAX_WAIT_S = 600

const addCreate: AddCommand = (table, terminal) =>
  withTable(
    table
      .command('create')
      .summary('make the table')
      .description(
        `Makes the table with its index ${APP_KEY_INDEX}, billed by request, protected from deletion, with a stream and point-in-time recovery, and waits until it can be used. A table that exists is left as it is.`,
      ),
  )
    .addHelpText('after', '\nExample:\n  npm run apps -- table create --region eu-west-1 --profile admin')
    .action(async (options: Options) => {
      const client = createClient(options)
      const { stopped } = terminal
      const output = createOutput(terminal, options)
      const make = new CreateTableCommand({
        ...readStack({}).table,
        TableName: options.table,
        DeletionProtectionEnabled: true,
        StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' },
      })
      await persist(() => client.send(make), stopped)
      await waitForTable(client, options.table, stopped)
      const pointInTimeRecovery = await makeRecoverable(client, options.table, stopped)
      output.result(
        { table: options.table, pointInTimeRecovery },
        () => `The table ${options.table} is there.`,
      )
      if (!pointInTimeRecovery)
        output.note('Point-in-time recovery could not be turned on; table compare says how.')
    })

async function waitForTable(client: DynamoDBClient, name: string, stopped: AbortSignal): Promise<void> {
  try {
    const wait = { client, maxWaitTime: MAX_WAIT_S, minDelay: 1, abortSignal: stopped }
    await waitUntilTableExists(wait, { TableName: name })
  } catch (error) {
    if (!stopped.aborted) throw error
    throw new Failure(
      'Stopped by Ctrl-C; the table is being made, without point-in-time recovery: table compare says more.',
      EXIT.stopped,
    )
  }
}

const addDescribe: AddCommand = (table, terminal) =>
  withTable(
    table
      .command('describe')
      .summary('say what the table is')
      .description('Says what the table is, without its items. Counts are some hours old.'),
  )
    .addHelpText('after', '\nExample:\n  npm run apps -- table describe --table apps --region eu-west-1')
    .action(async (options: Options) => {
      const state = await describeOrFail(createClient(options), options, terminal)
      const { table: t } = state
      createOutput(terminal, options).result(state, () =>
        formatFacts([
          ['name', t.TableName],
          ['ARN', t.TableArn],
          ['status', t.TableStatus],
          ['items', t.ItemCount],
          ['size', `${t.TableSizeBytes ?? 0} bytes`],
          [
            'indexes',
            t.GlobalSecondaryIndexes?.map(
              ({ IndexName, IndexStatus }) => `${IndexName} (${IndexStatus ?? 'unknown'})`,
            ).join(', '),
          ],
          ['billing', t.BillingModeSummary?.BillingMode ?? 'PROVISIONED'],
          [
            'replicas',
            t.Replicas?.map(({ RegionName, ReplicaStatus }) => `${RegionName} (${ReplicaStatus})`).join(', '),
          ],
          ['deletion protection', t.DeletionProtectionEnabled],
          ['point-in-time recovery', state.pointInTimeRecovery],
        ]),
      )
    })

const addCompare: AddCommand = (table, terminal) =>
  withTable(
    table
      .command('compare')
      .summary('compare the table with what is needed')
      .description(
        'Compares the table with what template.yaml describes, and says how to correct what differs. Fails only for what lookups need; the rest is advice.',
      ),
  )
    .addHelpText('after', '\nExample:\n  npm run apps -- table compare')
    .action(async (options: Options) => {
      const state = await describeOrFail(createClient(options), options, terminal)
      const needs = compareTable(state, readStack({}).table)
      createOutput(terminal, options).result(needs, () =>
        [
          formatTable(
            ['', 'needed', 'is'],
            needs.map(({ what, state, now }) => [state, what, now]),
          ),
          ...needs.flatMap(({ what, state, fix }) => (fix ? [`\n${state}: ${what}\n  ${fix}`] : [])),
        ].join('\n'),
      )
      const missing = needs.filter(({ state }) => state === 'missing').length
      if (missing > 0)
        throw new Failure(`The table ${options.table} lacks ${counted(missing, 'thing')} that lookups need.`)
    })

async function describeOrFail(
  client: DynamoDBClient,
  options: Options,
  { stopped }: Terminal,
): Promise<TableState> {
  const state = await describe(client, options.table, stopped)
  if (!state) throw Object.assign(new Error(), { name: 'ResourceNotFoundException' })
  return state
}

async function describe(
  client: DynamoDBClient,
  name: string,
  stopped: AbortSignal,
): Promise<TableState | undefined> {
  const send = () => client.send(new DescribeTableCommand({ TableName: name }), { abortSignal: stopped })
  const answer = await unless(['ResourceNotFoundException'], () => persist(send, stopped))
  return answer?.Table && { table: answer.Table, pointInTimeRecovery: await isRecoverable(client, name) }
}

async function isRecoverable(client: DynamoDBClient, name: string): Promise<boolean | undefined> {
  const answer = await unless(UNKNOWABLE, () =>
    client.send(new DescribeContinuousBackupsCommand({ TableName: name })),
  )
  const state =
    answer?.ContinuousBackupsDescription?.PointInTimeRecoveryDescription?.PointInTimeRecoveryStatus
  return state && state === 'ENABLED'
}

async function makeRecoverable(client: DynamoDBClient, name: string, stopped: AbortSignal): Promise<boolean> {
  const command = new UpdateContinuousBackupsCommand({
    TableName: name,
    PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
  })
  return (await unless(UNKNOWABLE, () => persist(() => client.send(command), stopped))) !== undefined
}

// A local DynamoDB has no backups, and who may make a table may not be allowed to ask about them.
const UNKNOWABLE = [
  'AccessDeniedException',
  'ContinuousBackupsUnavailableException',
  'UnknownOperationException',
]

async function unless<T>(names: readonly string[], ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask()
  } catch (error) {
    if (error instanceof Error && names.includes(error.name)) return undefined
    throw error
  }
}
