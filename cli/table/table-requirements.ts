import type { CreateTableCommandInput, TableDescription } from '@aws-sdk/client-dynamodb'
import { APP_KEY_INDEX } from '../../functions/apps/table.ts'

/** One property of the table, its current value, and how to correct it. Lookups work without a `recommended` one. */
export type Requirement = {
  readonly what: string
  readonly state: 'ok' | 'missing' | 'recommended'
  readonly current: string
  readonly fix?: string
}

/** A table as DynamoDB describes it. */
export type TableState = {
  readonly table: TableDescription
  readonly pointInTimeRecovery: PointInTimeRecovery
}

/** `unknown` without the permission to describe it, `unsupported` for a local DynamoDB. */
export type PointInTimeRecovery = 'on' | 'off' | 'unknown' | 'unsupported'

type Keys = readonly { readonly AttributeName?: string | undefined; readonly KeyType?: string | undefined }[]

/** Compares a table with the one in template.yaml. */
export function compareTable(
  { table, pointInTimeRecovery }: TableState,
  wanted: CreateTableCommandInput,
): Requirement[] {
  const name = table.TableName ?? ''
  const index = table.GlobalSecondaryIndexes?.find(({ IndexName }) => IndexName === APP_KEY_INDEX)
  const wantedIndex = wanted.GlobalSecondaryIndexes?.find(({ IndexName }) => IndexName === APP_KEY_INDEX)
  const keys = (schema: Keys = []) => formatKeys(schema, table)
  const wantedKeys = (schema: Keys = []) => formatKeys(schema, wanted)
  const [status, projection] = [table.TableStatus ?? 'unknown', index?.Projection?.ProjectionType ?? 'none']
  return [
    required(
      'the table is active',
      status,
      status === 'ACTIVE' || status === 'UPDATING',
      'Wait until DynamoDB has created it.',
    ),
    required(
      `its key is ${wantedKeys(wanted.KeySchema)}`,
      keys(table.KeySchema),
      keys(table.KeySchema) === wantedKeys(wanted.KeySchema),
      "The key of a table can't be changed. Create a table with another name, and copy the apps with export and import.",
    ),
    required(
      `the index ${APP_KEY_INDEX} has the key ${wantedKeys(wantedIndex?.KeySchema)}`,
      index ? keys(index.KeySchema) : 'none',
      keys(index?.KeySchema) === wantedKeys(wantedIndex?.KeySchema),
      index ? `Delete the index. ${addIndex(name)}` : addIndex(name),
    ),
    required(
      'the index projects all attributes',
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
      'Wait until DynamoDB has filled it.',
    ),
    recommended(
      'its capacity is on demand',
      table.BillingModeSummary?.BillingMode ?? 'PROVISIONED',
      table.BillingModeSummary?.BillingMode === 'PAY_PER_REQUEST',
      'With provisioned capacity, DynamoDB throttles requests beyond it. Provision as much for the index as for the table.',
    ),
    recommended(
      'deletion protection is on',
      table.DeletionProtectionEnabled ? 'on' : 'off',
      table.DeletionProtectionEnabled === true,
      `aws dynamodb update-table --table-name ${name} --deletion-protection-enabled`,
    ),
    recommended(
      'point-in-time recovery is on',
      pointInTimeRecovery,
      pointInTimeRecovery === 'on' || pointInTimeRecovery === 'unsupported',
      `aws dynamodb update-continuous-backups --table-name ${name} --point-in-time-recovery-specification PointInTimeRecoveryEnabled=true`,
    ),
    recommended(
      'its stream has new and old images, for replicas and the change feed',
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
  return `aws dynamodb update-table --table-name ${name} --attribute-definitions AttributeName=AppKey,AttributeType=S --global-secondary-index-updates '${updates}' (for a table with provisioned capacity, add ProvisionedThroughput to Create)`
}

function required(what: string, current: string, isMet: boolean, fix: string): Requirement {
  return isMet ? { what, current, state: 'ok' } : { what, current, state: 'missing', fix }
}

function recommended(what: string, current: string, isMet: boolean, fix: string): Requirement {
  return isMet ? { what, current, state: 'ok' } : { what, current, state: 'recommended', fix }
}

/** `AppId (S)`. With a sort key, lookups fail. */
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
