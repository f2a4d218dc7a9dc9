import { on } from 'node:events'
import { BroadcastChannel } from 'node:worker_threads'
import { startLocalStack } from '../dev/local-stack.ts'
import { findOwnDynamoDB } from '../dev/own-dynamodb.ts'
import { hashToken } from '../functions/access/consumers.ts'
import { TOKEN } from '../harness/local-endpoint.ts'
import { serveParent } from './child-process.ts'

/** How many requests of the adapter were answered, by kind. */
export type Requests = { polls: number; batches: number; lookups: number }

/** Bytes of the process after a garbage collection in every thread: heaps with external memory, and the resident set. */
export type Memory = { readonly used: number; readonly rss: number }

// The DynamoDB to read; the embedded one without it.
const [, , endpoint] = process.argv

let threads = 1
process.on('worker', () => {
  threads += 1
})
const requests: Requests = { polls: 0, batches: 0, lookups: 0 }
const stack = await startLocalStack({
  host: '127.0.0.1',
  port: 0,
  dynamodbPort: 0,
  own: endpoint ? await findOwnDynamoDB({ endpoint, region: 'us-east-1', feed: true }) : undefined,
  consumers: `bench:full:${hashToken(TOKEN)}`,
  onResponse: ({ method, path }) => {
    if (path.startsWith('/changes')) requests.polls += 1
    else if (method === 'POST') requests.batches += 1
    else requests.lookups += 1
  },
  onLog: () => {},
  onError: (error) => console.error(error),
})
await stack.startFunctions()
serveParent(
  { url: stack.url, dynamodb: endpoint ?? stack.dynamodb?.endpoint },
  (asked: 'requests' | 'memory') => (asked === 'requests' ? requests : readMemory()),
)

async function readMemory(): Promise<Memory> {
  const asked = new BroadcastChannel('memory-asked')
  const told = new BroadcastChannel('memory-told')
  const answers = on(told, 'message')
  asked.postMessage('')
  let used = 0
  let left = threads
  for await (const [{ data }] of answers) {
    used += data
    left -= 1
    if (left === 0) break
  }
  asked.close()
  told.close()
  return { used, rss: process.memoryUsage.rss() }
}
