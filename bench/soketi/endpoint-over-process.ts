import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { startLocalStack } from '../../dev/local-stack.ts'
import { hashToken } from '../../functions/consumers.ts'
import { TOKEN } from '../../harness/local-endpoint.ts'

// A process of its own, so that it shares no event loop with the clients: the local stack over the DynamoDB
// whose endpoint is the argument, or without one a stub that knows every app without looking.

let requests = 0
const [dynamodb] = process.argv.slice(2)
const url = dynamodb ? await startStack(dynamodb) : await startStub()
process.on('disconnect', () => process.exit())
process.on('message', () => process.send?.({ requests }))
process.send?.({ url })

async function startStack(endpoint: string): Promise<string> {
  const stack = await startLocalStack({
    host: '127.0.0.1',
    port: 0,
    dynamodbPort: 0,
    own: { endpoint, region: 'us-east-1' },
    consumers: `bench:full:${hashToken(TOKEN)}`,
    onAnswer: () => {
      requests += 1
    },
    onLog: () => {},
    onError: (error) => console.error(error),
  })
  return stack.url
}

async function startStub(): Promise<string> {
  const server = createServer({ keepAliveTimeout: 60_000 }, ({ url = '' }, response) => {
    requests += 1
    const id = url.slice(url.lastIndexOf('/') + 1).replace(/-key$/, '')
    const app = { id, key: `${id}-key`, secret: `${id}-secret`, enabled: true, maxConnections: -1 }
    response
      .writeHead(200, { 'content-type': 'application/json', age: '0', etag: '"stub"' })
      .end(JSON.stringify({ app }))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
