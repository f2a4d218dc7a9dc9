import { type DynamoDBClient, PutItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb'
import type { Item } from '../apps/item.ts'
import { forCall } from '../dynamodb/client.ts'
import { sendCall } from '../dynamodb/send-call.ts'
import { type Entry, encodeEntry, maxSeq, PARTITION } from './change-entry.ts'

/** Reads of the change log. All are consistent. `deadline` is an epoch time in ms. */
export type ChangeLogReader = {
  /** The entry with the highest number, if there is any. */
  readLast(deadline: number): Promise<Item | undefined>
  /** The entries from this number on, in order: at most `limit`, and at most 1 MB. */
  readFrom(seq: number, limit: number, deadline: number): Promise<Entries>
}

/** Consecutive entries of the log. `isEnd` if there are no more. */
export type Entries = { readonly items: readonly Item[]; readonly isEnd: boolean }

/** Writes of the change log. */
export type ChangeLogWriter = {
  /** Appends an entry under its number. Returns `false` if the number is taken, possibly by this entry itself. */
  append(entry: Entry, deadline: number): Promise<boolean>
}

/** Reads one region's change log. Reads throw {@link LookupError} with a `store-…` code if DynamoDB did not answer. */
export function createChangeLogReader(client: DynamoDBClient, tableName: string): ChangeLogReader {
  const query = (first: number, order: { readonly ScanIndexForward: boolean; readonly Limit: number }) => {
    const last = maxSeq()
    return new QueryCommand({
      TableName: tableName,
      ConsistentRead: true,
      KeyConditionExpression: 'feed = :feed AND seq BETWEEN :first AND :last',
      ExpressionAttributeValues: {
        ':feed': { S: PARTITION },
        // DynamoDB rejects a range that ends before it starts, and a cursor can have any number.
        ':first': { N: String(Math.min(first, last)) },
        ':last': { N: String(last) },
      },
      ...order,
    })
  }
  return {
    async readLast(deadline) {
      const command = query(1, { ScanIndexForward: false, Limit: 1 })
      const { Items = [] } = await sendCall(deadline, (call) => client.send(forCall(call, command)))
      return Items[0]
    },
    async readFrom(seq, limit, deadline) {
      const command = query(seq, { ScanIndexForward: true, Limit: limit })
      const { Items = [], LastEvaluatedKey } = await sendCall(deadline, (call) =>
        client.send(forCall(call, command)),
      )
      return { items: Items, isEnd: LastEvaluatedKey === undefined }
    },
  }
}

/** Writes one region's change log; throws as the reads do. */
export function createChangeLogWriter(client: DynamoDBClient, tableName: string): ChangeLogWriter {
  return {
    append: (entry, deadline) => {
      const command = new PutItemCommand({
        TableName: tableName,
        Item: encodeEntry(entry),
        ConditionExpression: 'attribute_not_exists(seq)',
      })
      return sendCall(deadline, (call) => client.send(forCall(call, command)).then(() => true, orTaken))
    },
  }
}

function orTaken(error: unknown): false {
  if (error instanceof Error && error.name === 'ConditionalCheckFailedException') return false
  throw error
}
