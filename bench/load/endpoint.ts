import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { BatchWriteItemCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { LOCAL_CREDENTIALS } from '../../dev/embedded-dynamodb.ts'
import type { Item } from '../../functions/item.ts'

/** Bytes of the endpoint's process: the heaps of all its threads and what is outside of them, collected, and all it holds. */
export type Memory = { readonly heap: number; readonly external: number; readonly rss: number }

/** The server of `npm start`, in a process of its own. */
export type Endpoint = {
  readonly url: string
  /** Collects the garbage of every thread, and says what is left. */
  memory(): Promise<Memory>
  stop(): void
}

const WAIT_MS = 60_000

/**
 * Starts it, with these items in its DynamoDB beside the sample apps.
 *
 * @throws {Error} if its process ends, or says nothing for a minute; so does `memory`
 */
export async function startEndpoint(items: readonly Item[]): Promise<Endpoint> {
  const probe = new URL('memory-probe.ts', import.meta.url).href
  const child = fork(new URL('endpoint-process.ts', import.meta.url), {
    execArgv: ['--expose-gc', '--import', probe],
  })
  const { url, dynamodb } = await nextMessage<{ url: string; dynamodb: string }>(child)
  await putItems(dynamodb, items)
  return {
    url,
    memory() {
      const memory = nextMessage<Memory>(child)
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

async function nextMessage<T>(child: ChildProcess): Promise<T> {
  const ended = new AbortController()
  const end = () => ended.abort()
  child.once('exit', end)
  try {
    const signal = AbortSignal.any([ended.signal, AbortSignal.timeout(WAIT_MS)])
    const [message] = await once(child, 'message', { signal })
    return message as T
  } catch (cause) {
    throw new Error("The endpoint's process has ended, or hangs.", { cause })
  } finally {
    child.off('exit', end)
  }
}
