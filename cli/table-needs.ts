import type { CreateTableCommandInput, TableDescription } from '@aws-sdk/client-dynamodb'
import { APP_KEY_INDEX } from '../functions/table.ts'

/** One thing that a table should be, whether it is, and what to do if not. `advice` does no harm to lookups. */
export type Need = {
  readonly what: string
  readonly state: 'ok' | 'missing' | 'advice'
  readonly now: string
  readonly fix?: string
}

/** What DynamoDB tells about a table; point-in-time recovery is `undefined` where that can't be known. */
export type TableState = {
  readonly table: TableDescription
  readonly pointInTimeRecovery: boolean | undefined
}

type Keys = readonly { readonly AttributeName?: string | undefined; readonly KeyType?: string | undefined }[]

/** A table compared with what template.yaml describes, need by need. */
export function compareTable(
  { table, pointInTimeRecovery }: TableState,
  wanted: CreateTableCommandInput,
): Need[] {
  const name = table.TableName ?? ''
  const index = table.GlobalSecondaryIndexes?.find(({ IndexName }) => IndexName === APP_KEY_INDEX)
  const wantedIndex = wanted.GlobalSecondaryIndexes?.find(({ IndexName }) => IndexName === APP_KEY_INDEX)
  const keys = (schema: Keys = []) => formatKeys(schema, table)
  const wantedKeys = (schema: Keys = []) => formatKeys(schema, wanted)
  const [status, projection] = [table.TableStatus ?? 'unknown', index?.Projection?.ProjectionType ?? 'none']
  return [
    required('the table is active', status, status === 'ACTIVE' || status === 'UPDATING', 'Wait for it.'),
    required(
      `its key is ${wantedKeys(wanted.KeySchema)}`,
      keys(table.KeySchema),
      keys(table.KeySchema) === wantedKeys(wanted.KeySchema),
      'A key can not be changed: make a table with another name and copy the apps with export and import.',
    ),
    required(
      `the index ${APP_KEY_INDEX} has the key ${wantedKeys(wantedIndex?.KeySchema)}`,
      index ? keys(index.KeySchema) : 'none',
      keys(index?.KeySchema) === wantedKeys(wantedIndex?.KeySchema),
      index ? `Delete the index. ${addIndex(name)}` : addIndex(name),
    ),
    required(
      'the index has every attribute (ALL)',
      projection,
      projection === 'ALL',
      `Delete the index. ${addIndex(name)}`,
    ),
    required(
      'the index is active',
      index?.IndexStatus ?? 'none',
      index?.IndexStatus === undefined
        ? index !== undefined
        : index.IndexStatus === 'ACTIVE' || index.IndexStatus === 'UPDATING',
      'Wait for it, DynamoDB is filling it.',
    ),
    advised(
      'it is billed by request',
      table.BillingModeSummary?.BillingMode ?? 'PROVISIONED',
      table.BillingModeSummary?.BillingMode === 'PAY_PER_REQUEST',
      'Provisioned capacity throttles when it is used up; give the index as much as the table.',
    ),
    advised(
      'it is protected from deletion',
      yes(table.DeletionProtectionEnabled),
      table.DeletionProtectionEnabled === true,
      `aws dynamodb update-table --table-name ${name} --deletion-protection-enabled`,
    ),
    advised(
      'it can be restored to a point in time',
      yes(pointInTimeRecovery),
      pointInTimeRecovery === true,
      `aws dynamodb update-continuous-backups --table-name ${name} --point-in-time-recovery-specification PointInTimeRecoveryEnabled=true`,
    ),
    advised(
      'its stream has old and new images, as replicas need',
      table.StreamSpecification?.StreamViewType ?? 'none',
      table.StreamSpecification?.StreamViewType === 'NEW_AND_OLD_IMAGES',
      `aws dynamodb update-table --table-name ${name} --stream-specification StreamEnabled=true,StreamViewType=NEW_AND_OLD_IMAGES`,
    ),
  ]
}

function addIndex(name: string): string {
  const create = {
    IndexName: APP_KEY_INDEX,
    KeySchema: [{ AttributeName: 'AppKey', KeyType: 'HASH' }],
    Projection: { ProjectionType: 'ALL' },
  }
  const updates = JSON.stringify([{ Create: create }])
  return `aws dynamodb update-table --table-name ${name} --attribute-definitions AttributeName=AppKey,AttributeType=S --global-secondary-index-updates '${updates}' (a table that is not billed by request: with ProvisionedThroughput too)`
}

function required(what: string, now: string, isMet: boolean, fix: string): Need {
  return isMet ? { what, now, state: 'ok' } : { what, now, state: 'missing', fix }
}

function advised(what: string, now: string, isMet: boolean, fix: string): Need {
  return isMet ? { what, now, state: 'ok' } : { what, now, state: 'advice', fix }
}

/** `AppId (S)`; a second key would make lookups fail. */
function formatKeys(
  schema: Keys,
  { AttributeDefinitions = [] }: Pick<TableDescription, 'AttributeDefinitions'>,
): string {
  return schema
    .map(({ AttributeName }) => {
      const type = AttributeDefinitions.find(
        (definition) => definition.AttributeName === AttributeName,
      )?.AttributeType
      return `${AttributeName} (${type ?? '?'})`
    })
    .join(' and ')
}

function yes(value: boolean | undefined): string {
  return value === undefined ? 'unknown' : value ? 'yes' : 'no'
}
