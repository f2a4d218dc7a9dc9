import { type DynamoDBClient, GetItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb'
import { forCall } from '../dynamodb/client.ts'
import { sendCall } from '../dynamodb/send-call.ts'
import { mismatchError } from '../dynamodb/store-error.ts'
import { LookupError } from '../lookup-error.ts'
import type { App } from './app.ts'
import { isHeartbeat } from './heartbeat.ts'
import { decodeItem, type Item } from './item.ts'

/** The index of the table by AppKey, as soketi names it. */
export const APP_KEY_INDEX = 'AppKeyIndex'

/** `deadline` is epoch time in ms. `consistent` is for ids only: an index has no consistent reads. */
export type ReadOptions = { readonly deadline: number; readonly consistent?: boolean }

/** Returns the app by the deadline, or `undefined` when DynamoDB says that there is none. */
export type Read = (value: string, options: ReadOptions) => Promise<App | undefined>

/** The two ways to read soketi's table: by id with GetItem, by key with Query on its index. */
export type Table = { readonly findById: Read; readonly findByKey: Read }

/**
 * The two reads of soketi's table. They are eventually consistent by default, as in soketi. A heartbeat item is not an
 * app, so it is not found.
 *
 * Both throw {@link LookupError}: `app-malformed`, or a `store-…` code when DynamoDB did not answer. By key also
 * `app-key-not-unique`, because the index does not make keys unique.
 */
export function createTable(client: DynamoDBClient, tableName: string): Table {
  return {
    async findById(appId, { deadline, consistent }) {
      const command = new GetItemCommand({
        TableName: tableName,
        Key: { AppId: { S: appId } },
        ...(consistent && { ConsistentRead: true }),
      })
      const { Item } = await sendCall(deadline, (call) => client.send(forCall(call, command)))
      if (Item && Item.AppId?.S !== appId) throw mismatchError('The item has another AppId.')
      return decodeApp(Item)
    },

    async findByKey(appKey, { deadline }) {
      const command = new QueryCommand({
        TableName: tableName,
        IndexName: APP_KEY_INDEX,
        KeyConditionExpression: 'AppKey = :appKey',
        ExpressionAttributeValues: { ':appKey': { S: appKey } },
        Select: 'ALL_ATTRIBUTES', // fails if the index does not project all attributes
        Limit: 2, // two items mean that the key is not unique
      })
      const { Items = [], LastEvaluatedKey } = await sendCall(deadline, (call) =>
        client.send(forCall(call, command)),
      )
      if (Items.some(({ AppKey }) => AppKey?.S !== appKey)) throw mismatchError('An item has another AppKey.')
      if (Items.length > 1) throw notUnique(appKey, Items)
      if (LastEvaluatedKey) throw mismatchError('The response may be incomplete.')
      return decodeApp(Items[0])
    },
  }
}

function decodeApp(item: Item | undefined): App | undefined {
  return item === undefined || isHeartbeat(item.AppId?.S ?? '') ? undefined : decodeItem(item)
}

function notUnique(appKey: string, items: readonly Item[]): LookupError {
  return new LookupError(
    'app-key-not-unique',
    'Two or more items have this AppKey; either would be arbitrary.',
    {
      logFields: { appKey, appIds: items.map(({ AppId }) => AppId?.S).join(', ') },
    },
  )
}
