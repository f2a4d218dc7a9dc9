import { fork } from 'node:child_process'
import { BatchWriteItemCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { LOCAL_CREDENTIALS } from '../../dev/embedded-dynamodb.ts'
import type { Item } from '../../functions/item.ts'
import { nextMessage } from '../child-message.ts'

/** Bytes of the endpoint's process: the heaps of all its threads and what is outside of them, collected, and all it holds. */
export type Memory = { readonly heap: number; readonly external: number; readonly rss: number }

/** The server of `npm start`, in a process of its own. */
export type Endpoint = {
  readonly url: string
  /** Collects the garbage of every thread, and says what is left. */
  memory(): Promise<Memory>
  stop(): void
}

const NAME = 'the endpoint'

/**
 * Starts it, with these items in its DynamoDB beside the sample apps.
 *
 * @throws {Error} if its process ends, or says nothing for a minute; so does `memory`
 */
export async function startEndpoint(items: readonly Item[]): Promise<Endpoint> {
  const probe = new URL('memory-probe.ts', import.meta.url).href
  const child = fork(new URL('loaded-endpoint-process.ts', import.meta.url), {
    execArgv: ['--expose-gc', '--import', probe],
  })
  const { url, dynamodb } = await nextMessage<{ url: string; dynamodb: string }>(child, NAME)
  await putItems(dynamodb, items)
  return {
    url,
    memory() {
      const memory = nextMessage<Memory>(child, NAME)
      child.send('memory')
      return memory
    },
    stop: () => void child.kill(),
  }
}

async function putItems(endpoint: string, items: readonly Item[]): Promise<void> {
  const client = new DynamoDBClient({ endpoint, region: 'us-east-1', credentials: LOCAL_CREDENTIALS })
  for (let from = 0; from < items.length; from += 25) {
    const apps = items.slice(from, from + 25).map((Item) => ({ PutRequest: { Item } }))
    await client.send(new BatchWriteItemCommand({ RequestItems: { apps } }))
  }
  client.destroy()
}
