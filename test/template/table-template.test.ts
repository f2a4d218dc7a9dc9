import { describe, expect, it } from 'vitest'
import { resolveTemplate } from '../../dev/cloudformation.ts'
import { tableTemplate } from '../../dev/table-template.ts'
import { resolve } from './resolved.ts'

const template = tableTemplate()
const KEY = 'mrk-1234567890abcdef1234567890abcdef'

describe("the table's own template", () => {
  it.each([
    {},
    { TableName: 'other' },
    { TableTags: 'a=1,b=2,c=3', TableKmsKeyId: KEY },
    { ReplicaRegions: 'eu-west-1,eu-west-2,eu-west-3,eu-north-1,us-east-2' },
  ])('has the same table as the stack: %j', (parameters) => {
    const resources = resolveTemplate(JSON.stringify(template), parameters)
    expect([...resources]).toEqual([['AppsTable', resolve(parameters).get('AppsTable')]])
  })

  it('meets the rules of an import: only the table, with a deletion policy', () => {
    expect(template.Resources).toEqual({ AppsTable: expect.objectContaining({ DeletionPolicy: 'Retain' }) })
    expect(template).not.toHaveProperty('Transform')
    expect(JSON.stringify(template).length).toBeLessThan(51_200)
  })

  it('has no parameter that the table does not need', () => {
    expect(Object.keys(template.Parameters).sort()).toEqual([
      'ReplicaRegions',
      'TableKmsKeyId',
      'TableName',
      'TableOwnership',
      'TableTags',
    ])
  })
})
