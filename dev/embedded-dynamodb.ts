import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import {
  BatchWriteItemCommand,
  CreateTableCommand,
  type CreateTableCommandInput,
  DynamoDBClient,
} from '@aws-sdk/client-dynamodb'
import { AbstractValueIterator } from 'abstract-level'
import dynalite from 'dynalite'
import type { Item } from '../functions/apps/item.ts'

/** A running DynamoDB in this process. */
export type EmbeddedDynamoDB = {
  readonly endpoint: string
  /** The settings of its clients. */
  readonly client: ClientOptions
  readonly server: Server
  close(): Promise<void>
}

/** The settings of an SDK client. Without credentials, it finds them as the AWS CLI does. */
export type ClientOptions = {
  readonly region: string
  readonly endpoint?: string
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string }
}

/** How long a request may take when the server is closed. */
const MAX_REQUEST_MS = 1_000

/** A local DynamoDB accepts any credentials, but the SDK needs some. */
export const LOCAL_CREDENTIALS = { accessKeyId: 'local', secretAccessKey: 'local' }

// dynalite 4.0.0 ends iterators with return(), which its store's iterators do not have: each Query and Scan would leak
// 3 kB. https://github.com/architect/dynalite/blob/main/db/index.js
Object.assign(AbstractValueIterator.prototype, {
  return(this: AbstractValueIterator<unknown, unknown, unknown>) {
    return this.close()
  },
})

/**
 * A DynamoDB in this process (dynalite), in memory, with one table and its items.
 *
 * @param port 0 for any
 */
export async function startEmbeddedDynamoDB(
  table: CreateTableCommandInput,
  items: readonly Item[],
  { host, port }: { readonly host: string; readonly port: number },
): Promise<EmbeddedDynamoDB> {
  const server: Server = dynalite({ createTableMs: 0 })
  server.listen(port, host)
  await once(server, 'listening')
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  await fillTable(endpoint, table, items)
  return {
    endpoint,
    client: { region: 'us-east-1', endpoint, credentials: LOCAL_CREDENTIALS },
    server,
    close: async () => {
      // Requests end before the database is closed; one that hangs is cut off.
      const tooLate = setTimeout(() => server.closeAllConnections(), MAX_REQUEST_MS)
      await new Promise((resolve) => server.close(resolve))
      clearTimeout(tooLate)
    },
  }
}

/** Creates the table unless it exists. */
export async function ensureTable(options: ClientOptions, table: CreateTableCommandInput): Promise<void> {
  const client = new DynamoDBClient(options)
  await client.send(new CreateTableCommand(table)).catch((error: Error) => {
    if (error.name !== 'ResourceInUseException') throw error
  })
  client.destroy()
}

/** Creates the table in a local DynamoDB and writes the items to it. */
export async function fillTable(
  endpoint: string,
  table: CreateTableCommandInput,
  items: readonly Item[],
): Promise<void> {
  const client = new DynamoDBClient({ endpoint, region: 'us-east-1', credentials: LOCAL_CREDENTIALS })
  await client.send(new CreateTableCommand(table))
  client.destroy()
  await putItems(endpoint, String(table.TableName), items)
}

/** Puts items into a table of a local DynamoDB. */
export async function putItems(endpoint: string, table: string, items: readonly Item[]): Promise<void> {
  const client = new DynamoDBClient({ endpoint, region: 'us-east-1', credentials: LOCAL_CREDENTIALS })
  for (let from = 0; from < items.length; from += 25) {
    const requests = items.slice(from, from + 25).map((Item) => ({ PutRequest: { Item } }))
    await client.send(new BatchWriteItemCommand({ RequestItems: { [table]: requests } }))
  }
  client.destroy()
}
