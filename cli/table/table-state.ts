import {
  DescribeContinuousBackupsCommand,
  DescribeTableCommand,
  type DynamoDBClient,
  UpdateContinuousBackupsCommand,
} from '@aws-sdk/client-dynamodb'
import { createTable, type Read } from '../../functions/apps/table.ts'
import { LookupError } from '../../functions/lookup-error.ts'
import type { Denied, PointInTimeRecovery, TableState } from './requirement.ts'
import { withRetries } from './retry.ts'

/** The table as DynamoDB describes it. @throws DynamoDB's `ResourceNotFoundException` */
export async function describeTable(
  client: DynamoDBClient,
  name: string,
  stopped: AbortSignal,
): Promise<TableState> {
  const command = new DescribeTableCommand({ TableName: name })
  const { Table = {} } = await withRetries(() => client.send(command, { abortSignal: stopped }), stopped)
  return {
    table: Table,
    pointInTimeRecovery: await pointInTimeRecoveryOf(client, name),
    denied: await findDenied(client, name),
  }
}

const PROBE_MS = 5000

/** Tries the two reads of a lookup, with an id and a key that no app has to have. */
async function findDenied(client: DynamoDBClient, name: string): Promise<Denied> {
  const { findById, findByKey } = createTable(client, name)
  const isDenied = (read: Read) =>
    read('-', { deadline: Date.now() + PROBE_MS }).then(
      () => false,
      (error: unknown) =>
        error instanceof LookupError && error.logFields.storeError === 'AccessDeniedException',
    )
  return { byId: await isDenied(findById), byKey: await isDenied(findByKey) }
}

async function pointInTimeRecoveryOf(client: DynamoDBClient, name: string): Promise<PointInTimeRecovery> {
  const command = new DescribeContinuousBackupsCommand({ TableName: name })
  return orUnavailable(async () => {
    const { ContinuousBackupsDescription } = await client.send(command)
    const status = ContinuousBackupsDescription?.PointInTimeRecoveryDescription?.PointInTimeRecoveryStatus
    return status === 'ENABLED' ? 'on' : 'off'
  })
}

/** Turns point-in-time recovery on; resolves to `unknown` without the permission, and to `unsupported`. */
export async function turnOnPointInTimeRecovery(
  client: DynamoDBClient,
  name: string,
  stopped: AbortSignal,
): Promise<PointInTimeRecovery> {
  const command = new UpdateContinuousBackupsCommand({
    TableName: name,
    PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
  })
  return orUnavailable(async () => {
    await withRetries(() => client.send(command), stopped)
    return 'on'
  })
}

async function orUnavailable(send: () => Promise<PointInTimeRecovery>): Promise<PointInTimeRecovery> {
  try {
    return await send()
  } catch (error) {
    const outcome = error instanceof Error ? UNAVAILABLE.get(error.name) : undefined
    if (outcome === undefined) throw error
    return outcome
  }
}

const UNAVAILABLE: ReadonlyMap<string, PointInTimeRecovery> = new Map([
  ['AccessDeniedException', 'unknown'],
  ['ContinuousBackupsUnavailableException', 'unknown'],
  ['UnknownOperationException', 'unsupported'],
])
