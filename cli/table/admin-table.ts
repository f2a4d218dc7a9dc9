import { isDeepStrictEqual } from 'node:util'
import {
  type AttributeValue,
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb'
import type { Item } from '../../functions/apps/item.ts'
import { APP_KEY_INDEX } from '../../functions/apps/table.ts'
import type { Change } from '../app/encode-app.ts'
import { requireKeyText } from '../app/key-text.ts'
import { rejectHeartbeat } from './heartbeat-item.ts'
import { withRetries } from './retry.ts'

/**
 * soketi's table with write access. Items are read with strong consistency, and every call is retried while DynamoDB
 * throttles. Writes of an app reject the ids of heartbeat items, see {@link rejectHeartbeat}. Ids and keys that DynamoDB
 * can't have are rejected, see {@link requireKeyText}.
 */
export type AdminTable = {
  readonly name: string
  /** The item, or `undefined` when there is none. */
  get(appId: string): Promise<Item | undefined>
  /** The ids of the apps with this key. The index is eventually consistent. */
  idsOfKey(appKey: string): Promise<string[]>
  /** Every item, with all attributes or only these, read in pages of 1 MB. */
  scan(attributes?: readonly string[]): AsyncGenerator<Item>
  /** Every item, in memory. */
  all(): Promise<Item[]>
  /** Puts the item if no item has its id; otherwise resolves to that item. */
  create(item: Item): Promise<Item | undefined>
  /**
   * Changes an item and resolves to the new one, or to `undefined` when there is none. Other attributes are kept. With
   * `asRead`, also resolves to `undefined` when one of these attributes has another value; `undefined` is no value.
   */
  update(appId: string, change: Change, asRead?: AsRead): Promise<Item | undefined>
  /** Like `update`, but creates the item when there is none. */
  upsert(appId: string, change: Change): Promise<Item | undefined>
  /** Deletes the item and resolves to the deleted one, or to `undefined` when there was none. */
  delete(appId: string): Promise<Item | undefined>
}

/** The values that attributes had when they were read. */
export type AsRead = Readonly<Record<string, AttributeValue | undefined>>

/**
 * Creates the table's write access.
 *
 * @param stopped aborts reads, and the delay before a write is retried; never a write in flight
 */
export function createAdminTable(client: DynamoDBClient, name: string, stopped: AbortSignal): AdminTable {
  const keyOf = (appId: string) => {
    requireKeyText('AppId', appId)
    return { TableName: name, Key: { AppId: { S: appId } } }
  }

  const get = async (appId: string): Promise<Item | undefined> => {
    const command = new GetItemCommand({ ...keyOf(appId), ConsistentRead: true })
    return (await withRetries(() => client.send(command), stopped)).Item
  }

  const change = async (appId: string, change: Change, asRead?: AsRead) => {
    rejectHeartbeat(appId)
    const command = new UpdateItemCommand({
      ...keyOf(appId),
      ...expressionOf(change, asRead),
      ReturnValues: 'ALL_NEW',
    })
    return unlessConditionFailed(
      async () => (await withRetries(() => client.send(command), stopped)).Attributes,
    )
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
      const page = await withRetries(() => client.send(command, { abortSignal: stopped }), stopped)
      yield* page.Items ?? []
      from = page.LastEvaluatedKey
    } while (from)
  }

  const create = async (item: Item): Promise<Item | undefined> => {
    const appId = item.AppId?.S ?? ''
    rejectHeartbeat(appId)
    const command = new PutItemCommand({
      TableName: name,
      Item: item,
      ConditionExpression: 'attribute_not_exists(AppId)',
    })
    const isCreated = await unlessConditionFailed(() =>
      withRetries(() => client.send(command), stopped).then(() => true),
    )
    if (isCreated) return undefined
    // If the response to the first attempt was lost, the existing item can be this one. The caller compares them.
    return (await get(appId)) ?? create(item)
  }

  return {
    name,
    get,

    async idsOfKey(appKey) {
      requireKeyText('AppKey', appKey)
      const command = new QueryCommand({
        TableName: name,
        IndexName: APP_KEY_INDEX,
        KeyConditionExpression: 'AppKey = :appKey',
        ExpressionAttributeValues: { ':appKey': { S: appKey } },
        ProjectionExpression: 'AppId',
      })
      const { Items = [] } = await withRetries(() => client.send(command, { abortSignal: stopped }), stopped)
      return Items.flatMap(({ AppId }) => AppId?.S ?? [])
    },

    scan,

    async all() {
      const items: Item[] = []
      for await (const item of scan()) items.push(item)
      return items
    },

    create,

    async update(appId, changes, asRead = {}) {
      const changed = await change(appId, changes, asRead)
      if (changed || Object.keys(asRead).length === 0) return changed
      // If the response to the first attempt was lost, the item has the change already.
      const item = await get(appId)
      return item && hasChange(item, changes) ? item : undefined
    },

    upsert: (appId, changes) => change(appId, changes),

    async delete(appId) {
      const command = new DeleteItemCommand({ ...keyOf(appId), ReturnValues: 'ALL_OLD' })
      return (await withRetries(() => client.send(command), stopped)).Attributes
    },
  }
}

/** @param asRead without it, the item need not exist */
function expressionOf({ set, remove }: Change, asRead?: AsRead) {
  const names = [...new Set([...Object.keys(set), ...remove, ...Object.keys(asRead ?? {})])]
  const indexOf = (name: string) => names.indexOf(name)
  const clauses = [
    ['SET', Object.keys(set).map((name) => `#${indexOf(name)} = :${indexOf(name)}`)],
    ['REMOVE', remove.map((name) => `#${indexOf(name)}`)],
  ] as const
  const conditions = Object.entries(asRead ?? {}).map(([name, value]) =>
    value ? `#${indexOf(name)} = :was${indexOf(name)}` : `attribute_not_exists(#${indexOf(name)})`,
  )
  const values = [
    ...Object.entries(set).map(([name, value]) => [`:${indexOf(name)}`, value]),
    ...Object.entries(asRead ?? {}).flatMap(([name, value]) =>
      value ? [[`:was${indexOf(name)}`, value]] : [],
    ),
  ]
  return {
    UpdateExpression: clauses
      .flatMap(([verb, parts]) => (parts.length > 0 ? [`${verb} ${parts.join(', ')}`] : []))
      .join(' '),
    ...(asRead && { ConditionExpression: ['attribute_exists(AppId)', ...conditions].join(' AND ') }),
    ExpressionAttributeNames: Object.fromEntries(names.map((name, index) => [`#${index}`, name])),
    ...(values.length > 0 && { ExpressionAttributeValues: Object.fromEntries(values) }),
  }
}

function hasChange(item: Item, { set, remove }: Change): boolean {
  return (
    Object.entries(set).every(([name, value]) => isDeepStrictEqual(item[name], value)) &&
    remove.every((name) => item[name] === undefined)
  )
}

async function unlessConditionFailed<T>(write: () => Promise<T>): Promise<T | undefined> {
  try {
    return await write()
  } catch (error) {
    if (error instanceof Error && error.name === 'ConditionalCheckFailedException') return undefined
    throw error
  }
}
