import {
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb'
import type { Item } from '../functions/item.ts'
import { APP_KEY_INDEX } from '../functions/table.ts'
import { persist } from './retry.ts'

/** What an update does to an item: attributes to set, and names of attributes to take away. */
export type Change = { readonly set: Item; readonly remove: readonly string[] }

/** soketi's table for who may write it. Reads of items are strongly consistent; every call outlasts throttling. */
export type AdminTable = {
  readonly name: string
  /** The item, or `undefined` when there is none. */
  get(appId: string): Promise<Item | undefined>
  /** The ids of the apps with this key: of the index, so up to some seconds behind. */
  idsOfKey(appKey: string): Promise<string[]>
  /** Every item, whole or only these attributes; a page of 1 MB at a time. */
  scan(attributes?: readonly string[]): AsyncGenerator<Item>
  /** Every item, whole, in memory. */
  all(): Promise<Item[]>
  /** Puts the item if its id is free, and resolves to the item that is in the way if not. */
  create(item: Item): Promise<Item | undefined>
  /** Changes an item that exists and resolves to what it is now, or `undefined` when there is none. Attributes that are not named stay. */
  update(appId: string, change: Change): Promise<Item | undefined>
  /** The same, but makes the item if there is none. */
  replace(appId: string, change: Change): Promise<Item | undefined>
  /** Takes the item away and resolves to what it was, or `undefined` when there was none. */
  delete(appId: string): Promise<Item | undefined>
}

/** @param stopped ends reads, and the waiting before a write is tried again; never a write under way */
export function createAdminTable(client: DynamoDBClient, name: string, stopped: AbortSignal): AdminTable {
  const keyOf = (appId: string) => ({ TableName: name, Key: { AppId: { S: appId } } })

  const get = async (appId: string): Promise<Item | undefined> => {
    const command = new GetItemCommand({ ...keyOf(appId), ConsistentRead: true })
    return (await persist(() => client.send(command), stopped)).Item
  }

  const change = async (appId: string, { set, remove }: Change, condition?: string) => {
    const command = new UpdateItemCommand({
      ...keyOf(appId),
      ...expressionOf({ set, remove }),
      ...(condition && { ConditionExpression: condition }),
      ReturnValues: 'ALL_NEW',
    })
    return unlessRefused(async () => (await persist(() => client.send(command), stopped)).Attributes)
  }

  async function* scan(attributes?: readonly string[]): AsyncGenerator<Item> {
    let from: Item | undefined
    do {
      const command = new ScanCommand({
        TableName: name,
        ConsistentRead: true,
        ...(attributes && { ProjectionExpression: attributes.join(', ') }),
        ...(from && { ExclusiveStartKey: from }),
      })
      const page = await persist(() => client.send(command, { abortSignal: stopped }), stopped)
      yield* page.Items ?? []
      from = page.LastEvaluatedKey
    } while (from)
  }

  const create = async (item: Item): Promise<Item | undefined> => {
    const command = new PutItemCommand({
      TableName: name,
      Item: item,
      ConditionExpression: 'attribute_not_exists(AppId)',
    })
    const isMade = await unlessRefused(() => persist(() => client.send(command), stopped).then(() => true))
    if (isMade) return undefined
    // An attempt whose answer was lost finds its own item in the way: the caller compares.
    return (await get(item.AppId?.S ?? '')) ?? create(item)
  }

  return {
    name,
    get,

    async idsOfKey(appKey) {
      const command = new QueryCommand({
        TableName: name,
        IndexName: APP_KEY_INDEX,
        KeyConditionExpression: 'AppKey = :appKey',
        ExpressionAttributeValues: { ':appKey': { S: appKey } },
        ProjectionExpression: 'AppId',
      })
      const { Items = [] } = await persist(() => client.send(command, { abortSignal: stopped }), stopped)
      return Items.flatMap(({ AppId }) => AppId?.S ?? [])
    },

    scan,

    async all() {
      const items: Item[] = []
      for await (const item of scan()) items.push(item)
      return items
    },

    create,
    update: (appId, wanted) => change(appId, wanted, 'attribute_exists(AppId)'),
    replace: (appId, wanted) => change(appId, wanted),

    async delete(appId) {
      const command = new DeleteItemCommand({ ...keyOf(appId), ReturnValues: 'ALL_OLD' })
      return (await persist(() => client.send(command), stopped)).Attributes
    },
  }
}

function expressionOf({ set, remove }: Change) {
  const names = [...Object.keys(set), ...remove]
  const place = (name: string) => names.indexOf(name)
  const clauses = [
    ['SET', Object.keys(set).map((name) => `#${place(name)} = :${place(name)}`)],
    ['REMOVE', remove.map((name) => `#${place(name)}`)],
  ] as const
  const values = Object.entries(set).map(([name, value]) => [`:${place(name)}`, value])
  return {
    UpdateExpression: clauses
      .flatMap(([verb, parts]) => (parts.length > 0 ? [`${verb} ${parts.join(', ')}`] : []))
      .join(' '),
    ExpressionAttributeNames: Object.fromEntries(names.map((name, index) => [`#${index}`, name])),
    ...(values.length > 0 && { ExpressionAttributeValues: Object.fromEntries(values) }),
  }
}

async function unlessRefused<T>(write: () => Promise<T>): Promise<T | undefined> {
  try {
    return await write()
  } catch (error) {
    if (error instanceof Error && error.name === 'ConditionalCheckFailedException') return undefined
    throw error
  }
}
