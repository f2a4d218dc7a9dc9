import { describe, expect, it } from 'vitest'
import { readStack } from '../../dev/stack.ts'
import { APP_KEY_INDEX } from '../../functions/apps/table.ts'
import { resolve, TEMPLATE_TEXT } from './resolved.ts'

describe('the table', () => {
  const replicasOf = (parameters: Record<string, string>) =>
    resolve(parameters).get('AppsTable')?.Properties.Replicas as Record<string, unknown>[]

  it('has the keys that soketi reads: AppId, and AppKeyIndex on AppKey with all attributes; it is on demand', () => {
    expect(readStack({}).table).toEqual({
      TableName: 'apps',
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [
        { AttributeName: 'AppId', AttributeType: 'S' },
        { AttributeName: 'AppKey', AttributeType: 'S' },
      ],
      KeySchema: [{ AttributeName: 'AppId', KeyType: 'HASH' }],
      GlobalSecondaryIndexes: [
        {
          IndexName: APP_KEY_INDEX,
          KeySchema: [{ AttributeName: 'AppKey', KeyType: 'HASH' }],
          Projection: { ProjectionType: 'ALL' },
        },
      ],
    })
  })

  it('is protected in every replica, with and without a key', () => {
    const TableKmsKeyId = 'mrk-1234567890abcdef1234567890abcdef'
    const regions = ['us-east-1', 'eu-west-1', 'eu-north-1', 'ap-south-1', 'sa-east-1', 'ca-central-1']
    for (const key of ['', TableKmsKeyId])
      for (let count = 0; count < regions.length; count++) {
        const ReplicaRegions = regions.slice(1, count + 1).join(',')
        expect(replicasOf({ ReplicaRegions, TableKmsKeyId: key })).toEqual(
          regions.slice(0, count + 1).map((Region) => ({
            Region,
            DeletionProtectionEnabled: true,
            PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
            ...(key && { SSESpecification: { KMSMasterKeyId: key } }),
          })),
        )
      }
  })

  it('has its tags in every replica', () => {
    const tags = [
      { Key: 'project', Value: 'chat' },
      { Key: 'team', Value: '' },
      { Key: 'stage', Value: 'live' },
    ]
    for (let count = 1; count <= tags.length; count++) {
      const TableTags = tags
        .slice(0, count)
        .map(({ Key, Value }) => `${Key}=${Value}`)
        .join(',')
      const replicas = replicasOf({ TableTags, ReplicaRegions: 'eu-west-1' })
      expect(replicas.map(({ Tags }) => Tags)).toEqual(Array(2).fill(tags.slice(0, count)))
    }
  })

  it('is retained when the stack is deleted, and is not changed when it belongs to another stack', () => {
    expect(TEMPLATE_TEXT.match(/(DeletionPolicy|UpdateReplacePolicy): Retain/g)).toHaveLength(2)
    expect(resolve({ TableOwnership: 'existing' }).has('AppsTable')).toBe(false)
  })
})
