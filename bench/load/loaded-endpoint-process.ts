import { BroadcastChannel } from 'node:worker_threads'
import { startLocalStack } from '../../dev/local-stack.ts'
import { hashToken } from '../../functions/consumers.ts'
import type { Memory } from './loaded-endpoint.ts'
import type { ThreadMemory } from './memory-probe.ts'
import { TOKEN } from './traffic.ts'

// What `npm start` runs, in a process of its own, so that its memory holds nothing of the load's.

let threads = 1
process.on('worker', () => {
  threads += 1
})
const stack = await startLocalStack({
  host: '127.0.0.1',
  port: 0,
  dynamodbPort: 0,
  own: undefined,
  consumers: `load:full:${hashToken(TOKEN)}`,
  onLog: () => {},
  onError: (error) => console.error(error),
})
process.on('disconnect', () => process.exit())
process.on('message', async () => process.send?.(await readMemory()))
process.send?.({ url: stack.url, dynamodb: stack.dynamodb?.endpoint })

async function readMemory(): Promise<Memory> {
  const asked = new BroadcastChannel('memory-asked')
  const told = new BroadcastChannel('memory-told')
  const all: ThreadMemory[] = []
  await new Promise<void>((resolve) => {
    told.onmessage = ({ data }) => {
      if (all.push(data as ThreadMemory) === threads) resolve()
    }
    asked.postMessage('')
  })
  asked.close()
  told.close()
  const sum = (read: (thread: ThreadMemory) => number) =>
    all.reduce((total, thread) => total + read(thread), 0)
  return {
    heap: sum(({ heap }) => heap),
    external: sum(({ external }) => external),
    rss: process.memoryUsage.rss(),
  }
}
