import { type DynamoDBClient, GetItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb'
import type { App } from './app.ts'
import { isHeartbeat } from './heartbeat.ts'
import { decodeItem, type Item } from './item.ts'
import { type ErrorCode, LookupError } from './lookup-error.ts'

/** The index of the table by AppKey, as soketi names it. */
export const APP_KEY_INDEX = 'AppKeyIndex'

/** How a read is made: its `deadline` is epoch time in ms; `consistent` is for ids only, since an index can't be read so. */
export type ReadOptions = { readonly deadline: number; readonly consistent?: boolean }

/** The app, or `undefined` when DynamoDB answered that there is none; by the deadline at the latest. */
export type Read = (value: string, options: ReadOptions) => Promise<App | undefined>

/** The two ways to read soketi's table: by id with GetItem, by key with Query on its index. */
export type Table = { readonly findById: Read; readonly findByKey: Read }

/**
 * The two reads of soketi's table, eventually consistent as soketi's own unless asked otherwise. A heartbeat item is
 * no app: it is not found.
 *
 * Both throw {@link LookupError}: `app-malformed`, or a `store-…` code when DynamoDB gave no answer; never
 * `undefined` for that. By key also `app-key-not-unique`, because the index does not make keys unique.
 */
export function createTable(client: DynamoDBClient, tableName: string): Table {
  return {
    async findById(appId, { deadline, consistent }) {
      const command = new GetItemCommand({
        TableName: tableName,
        Key: { AppId: { S: appId } },
        ...(consistent && { ConsistentRead: true }),
      })
      const { Item } = await ask(deadline, () => client.send(command))
      return decodeApp(Item)
    },

    async findByKey(appKey, { deadline }) {
      const command = new QueryCommand({
        TableName: tableName,
        IndexName: APP_KEY_INDEX,
        KeyConditionExpression: 'AppKey = :appKey',
        ExpressionAttributeValues: { ':appKey': { S: appKey } },
        Limit: 2, // the second one is how a key in use twice is seen
      })
      const { Items = [] } = await ask(deadline, () => client.send(command))
      if (Items.length > 1) throw notUnique(appKey, Items)
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
    'Two or more items have this AppKey; an answer would be arbitrary.',
    {
      facts: { appKey, appIds: items.map(({ AppId }) => AppId?.S).join(', ') },
    },
  )
}

/** What DynamoDB answers, or why it did not until the deadline; an attempt that is under way then ends by its own timeout. */
async function ask<T>(deadline: number, send: () => Promise<T>): Promise<T> {
  // Not an AbortSignal: with any option the client resolves its middleware anew for each call, which costs a tenth
  // of it. https://github.com/smithy-lang/smithy-typescript/blob/main/packages/core/src/submodules/client/smithy-client/client.ts
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(() => late.reject(new DeadlineError()), Math.max(0, deadline - Date.now()))
  try {
    return await Promise.race([send(), late.promise])
  } catch (error) {
    const code = STORE_ERRORS.get(nameOf(error)) ?? 'store-unavailable'
    throw new LookupError(code, DETAILS[code], { facts: factsOf(error) })
  } finally {
    clearTimeout(timer)
  }
}

class DeadlineError extends Error {
  override readonly name = 'DeadlineError'
}

type StoreErrorCode = Extract<ErrorCode, `store-${string}`>

// Matched by name: a bundle may hold an error class twice.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html
const STORE_ERRORS = new Map<unknown, StoreErrorCode>([
  ['ProvisionedThroughputExceededException', 'store-throttled'],
  ['RequestLimitExceeded', 'store-throttled'],
  ['ThrottlingException', 'store-throttled'],
  ['AccessDeniedException', 'store-misconfigured'],
  ['CredentialsProviderError', 'store-misconfigured'],
  ['ExpiredTokenException', 'store-misconfigured'],
  ['IncompleteSignatureException', 'store-misconfigured'],
  ['InvalidSignatureException', 'store-misconfigured'],
  ['MissingAuthenticationTokenException', 'store-misconfigured'],
  ['ResourceNotFoundException', 'store-misconfigured'],
  ['UnrecognizedClientException', 'store-misconfigured'],
  ['ValidationException', 'store-misconfigured'], // a missing index, or a table with other keys
])

const DETAILS: Record<StoreErrorCode, string> = {
  'store-throttled': 'DynamoDB throttles the reads of the table; try again.',
  'store-unavailable': 'DynamoDB did not answer in time or failed; try again.',
  'store-misconfigured': 'DynamoDB refuses the read: the role, the table or the index is not as needed.',
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : typeof error
}

/** What the log may tell of an SDK error. Its message is left out: a parser's quotes the answer, a signature's the token. */
function factsOf(error: unknown) {
  const { code, $metadata } = error as { code?: unknown; $metadata?: Record<string, number | string> }
  return {
    storeError: nameOf(error),
    ...(typeof code === 'string' && { systemError: code }),
    httpStatusCode: $metadata?.httpStatusCode,
    attempts: $metadata?.attempts,
    dynamodbRequestId: $metadata?.requestId,
  }
}
