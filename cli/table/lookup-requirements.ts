import type { GlobalSecondaryIndexDescription, TableDescription } from '@aws-sdk/client-dynamodb'
import { APP_KEY_INDEX } from '../../functions/apps/table.ts'
import { type Requirement, recommended, required, type TableState } from './requirement.ts'

/** Whether lookups by id work: the table's key, then the permission. */
export function lookupsById({ table, denied }: TableState): Requirement {
  const key = formatKey(table, table)
  const isKey = key === 'AppId (S)'
  return required(
    'lookups by id: the key of the table is AppId (S)',
    isKey && denied.byId ? `${key}, access denied` : key,
    isKey && !denied.byId,
    isKey ? allow('GetItem', table.TableArn) : copyApps(table.TableName),
  )
}

/** Whether lookups by key work: the index, or else the first thing about it that has to change. */
export function lookupsByKey({ table, denied }: TableState): Requirement {
  const index = findIndex(table)
  const problem = findProblem(table, index)
  return required(
    `lookups by key: the index ${APP_KEY_INDEX} has the key AppKey (S) and all attributes`,
    describeIndex(table, index) + (denied.byKey && !problem ? ', access denied' : ''),
    problem === undefined && !denied.byKey,
    problem ?? allow('Query', index?.IndexArn),
  )
}

/** A sort key of the index, if it has one. Lookups do not need it, and items without it are not in the index. */
export function sortKeyOfIndex(table: TableDescription): Requirement[] {
  const index = findIndex(table)
  const sortKey = index?.KeySchema?.[1]?.AttributeName
  if (sortKey === undefined || findProblem(table, index) !== undefined) return []
  const fix = `Lookups by key find the apps that have ${sortKey}. An item without it is not in the index, and npx soketi-apps create and import write such items. Keep ${sortKey} in every item, or replace the index. ${replaceIndex(table)}`
  return [recommended(`the index ${APP_KEY_INDEX} has no sort key`, sortKey, false, fix)]
}

function findIndex({ GlobalSecondaryIndexes }: TableDescription) {
  return GlobalSecondaryIndexes?.find(({ IndexName }) => IndexName === APP_KEY_INDEX)
}

function findProblem(
  table: TableDescription,
  index: GlobalSecondaryIndexDescription | undefined,
): string | undefined {
  if (index === undefined) return `Add the index:\n  ${addIndex(table)}`
  if (formatKey(index, table).split(' and ')[0] !== 'AppKey (S)') return replaceIndex(table)
  if (index.Projection?.ProjectionType !== 'ALL') return replaceIndex(table)
  const { IndexStatus = 'ACTIVE' } = index
  return IndexStatus === 'ACTIVE' || IndexStatus === 'UPDATING'
    ? undefined
    : 'Wait until DynamoDB has filled it.'
}

function describeIndex(table: TableDescription, index: GlobalSecondaryIndexDescription | undefined): string {
  if (index === undefined) return 'none'
  const { Projection, IndexStatus = 'ACTIVE' } = index
  return `${formatKey(index, table)}, ${Projection?.ProjectionType ?? 'no projection'}, ${IndexStatus}`
}

/** `AppId (S)`, or `AppId (S) and AppKey (S)` with a sort key. */
function formatKey(
  { KeySchema = [] }: Pick<TableDescription, 'KeySchema'>,
  { AttributeDefinitions = [] }: TableDescription,
): string {
  const typeOf = (name: string | undefined) =>
    AttributeDefinitions.find(({ AttributeName }) => AttributeName === name)?.AttributeType
  return KeySchema.map(({ AttributeName }) => `${AttributeName} (${typeOf(AttributeName) ?? '?'})`).join(
    ' and ',
  )
}

function allow(action: string, resource: string | undefined): string {
  return `These AWS credentials do not allow it. Their policy must allow dynamodb:${action} on ${resource ?? 'the index'}`
}

function copyApps(name: string | undefined): string {
  return `The key of a table can't be changed. Copy the apps to a new table, and use that one:
  aws dynamodb scan --table-name ${name} --output json > apps.json
  npx soketi-apps table create --table NEW-TABLE
  npx soketi-apps import apps.json --table NEW-TABLE`
}

function replaceIndex(table: TableDescription): string {
  return `Until the new index is active, lookups by key fail. Run the second command when the index is deleted:
  ${updateIndexes(table, { Delete: { IndexName: APP_KEY_INDEX } })}
  ${addIndex(table)}`
}

function addIndex(table: TableDescription): string {
  const { BillingModeSummary, ProvisionedThroughput } = table
  const { ReadCapacityUnits, WriteCapacityUnits } = ProvisionedThroughput ?? {}
  const isProvisioned = BillingModeSummary?.BillingMode !== 'PAY_PER_REQUEST' && Boolean(ReadCapacityUnits)
  const create = {
    IndexName: APP_KEY_INDEX,
    KeySchema: [{ AttributeName: 'AppKey', KeyType: 'HASH' }],
    Projection: { ProjectionType: 'ALL' },
    ...(isProvisioned && { ProvisionedThroughput: { ReadCapacityUnits, WriteCapacityUnits } }),
  }
  return updateIndexes(
    table,
    { Create: create },
    ' --attribute-definitions AttributeName=AppKey,AttributeType=S',
  )
}

function updateIndexes({ TableName }: TableDescription, update: object, options = ''): string {
  return `aws dynamodb update-table --table-name ${TableName}${options} --global-secondary-index-updates '${JSON.stringify([update])}'`
}
