import { DeleteItemCommand, DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb'
import { LOCAL_CREDENTIALS } from '../dev/embedded-dynamodb.ts'
import type { LocalFeed } from '../dev/local-feed.ts'
import { startLocalStack } from '../dev/local-stack.ts'
import { findOwnDynamoDB, type OwnDynamoDBOptions } from '../dev/own-dynamodb.ts'
import { hashToken, TOKEN_PREFIX } from '../functions/access/consumers.ts'
import type { Item } from '../functions/apps/item.ts'

/** The token of the tests. */
export const TOKEN = `${TOKEN_PREFIX}${'sample'.repeat(7)}1`
/** Another valid token, for rotation. */
export const NEXT_TOKEN = `${TOKEN_PREFIX}${'sample'.repeat(7)}2`

/** The table of an endpoint. */
export type AppsTable = {
  /** Stores an app: id, key `ID-key`, secret `ID-secret`, and these attributes. */
  put(id: string, attributes?: Item): Promise<void>
  remove(id: string): Promise<void>
}

/** The real endpoint on this machine: gateway, authorizer and handlers over a DynamoDB. */
export type Endpoint = AppsTable & {
  readonly url: string
  /** The URL of its DynamoDB, for LOCAL_CREDENTIALS. */
  readonly dynamodb: string
  /** The requests that it has responded to, as `GET /apps/demo`. */
  readonly requests: string[]
  /** Its change feed, if it has one. */
  readonly feed: LocalFeed | undefined
  /**
   * Starts the functions again, as a deployment does, so that they read the table instead of their cache.
   */
  restart(): Promise<void>
  close(): Promise<void>
}

/** Starts the endpoint: with an embedded DynamoDB and the sample apps of `npm start`, or on a DynamoDB that runs already. */
export async function startEndpoint(options?: OwnDynamoDBOptions): Promise<Endpoint> {
  const requests: string[] = []
  const own = options && (await findOwnDynamoDB({ region: 'us-east-1', ...options }))
  const stack = await startLocalStack({
    host: '127.0.0.1',
    port: 0,
    dynamodbPort: 0,
    own,
    consumers: `now:full:${hashToken(TOKEN)},next:full:${hashToken(NEXT_TOKEN)}`,
    onResponse: ({ method, path }) => requests.push(`${method} ${path}`),
    onLog: () => {},
    onError: (error) => console.error(error),
  })
  // The clients have deadlines, which the start of a function can exceed on a busy machine.
  await stack.startFunctions()
  const dynamodb = options?.endpoint ?? stack.dynamodb?.endpoint ?? ''
  const client = createClient(dynamodb)
  return {
    ...openTable(client, options?.table),
    url: stack.url,
    dynamodb,
    requests,
    feed: stack.feed,
    restart: () => stack.reload(),
    async close() {
      client.destroy()
      await stack.close()
    },
  }
}

/** The table of an endpoint that runs already, in this process or in another, by the URL of its DynamoDB. */
export function findTable(dynamodb: string): AppsTable {
  return openTable(createClient(dynamodb))
}

function createClient(endpoint: string): DynamoDBClient {
  return new DynamoDBClient({ endpoint, region: 'us-east-1', credentials: LOCAL_CREDENTIALS })
}

function openTable(client: DynamoDBClient, TableName = 'apps'): AppsTable {
  return {
    async put(id, attributes = {}) {
      const Item: Item = {
        AppId: { S: id },
        AppKey: { S: `${id}-key` },
        AppSecret: { S: `${id}-secret` },
        ...attributes,
      }
      await client.send(new PutItemCommand({ TableName, Item }))
    },
    async remove(id) {
      await client.send(new DeleteItemCommand({ TableName, Key: { AppId: { S: id } } }))
    },
  }
}

/** The environment of a soketi that uses this endpoint, or a region in front of it. */
export function httpDriver(url: string, more: Readonly<Record<string, string>> = {}): Record<string, string> {
  return {
    SOKETI_APP_MANAGER_DRIVER: 'http',
    SOKETI_APP_MANAGER_HTTP_URL: url,
    SOKETI_APP_MANAGER_HTTP_TOKEN: TOKEN,
    ...more,
  }
}
