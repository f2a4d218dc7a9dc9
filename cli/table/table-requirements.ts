import { lookupsById, lookupsByKey, sortKeyOfIndex } from './lookup-requirements.ts'
import { type Requirement, recommended, required, type TableState } from './requirement.ts'

/** Compares a table with the one in template.yaml. */
export function compareTable(state: TableState): Requirement[] {
  const { table, pointInTimeRecovery } = state
  const name = table.TableName ?? ''
  return [
    required(
      'all lookups: the table is active',
      table.TableStatus ?? 'unknown',
      table.TableStatus === 'ACTIVE' || table.TableStatus === 'UPDATING',
      'Wait until DynamoDB has created it.',
    ),
    lookupsById(state),
    lookupsByKey(state),
    ...sortKeyOfIndex(table),
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
